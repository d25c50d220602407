//! The live filter: pictures in colour through the kernel of a lab, each colour by itself.

use crate::lab::Lab;
use crate::operation::Operation;
use crate::text::{joined, size};

/// The kernel that pictures go through, `[k_h, k_w]` row by row: the slice that a flat figure shows. Other
/// operations than convolution have none.
pub fn kernel(lab: &Lab) -> Option<&[f32]> {
    (lab.model.operation == Operation::Conv).then(|| lab.weight.plane(lab.filter(), lab.slice()))
}

/// Whether the weights add up to 0, so that an even surface becomes 0: such a kernel finds edges, and its
/// numbers are shown by their size. Those of any other kernel are shown as they are.
pub fn finds_edges(kernel: &[f32]) -> bool {
    let sum: f32 = kernel.iter().sum();
    let most: f32 = kernel.iter().map(|weight| weight.abs()).sum();
    most > 0.0 && sum.abs() <= 1e-5 * most
}

/// How numbers become brightness, in one sentence.
pub fn rule(finds_edges: bool) -> &'static str {
    if finds_edges {
        "The weights add up to 0, so values are shown by their size: 0 is black, 1 and −1 are white."
    } else {
        "Values are shown as they are: 0 and below is black, 1 and above is white."
    }
}

/// "720 × 1,280 pixels become 360 × 640; red, green and blue each by itself."
pub fn sizes(input: [u64; 2], output: [u64; 2]) -> String {
    joined(&[&size(input), " pixels become ", &size(output), "; red, green and blue each by itself."], "")
}

/// "60 frames a second, 16.7 ms each; 4.1 ms in the kernel." Without a frame's time, the kernel's alone.
pub fn speed(frame_ms: Option<f64>, kernel_ms: f64) -> String {
    let kernel = [&tenths(kernel_ms), " ms in the kernel."].concat();
    match frame_ms.filter(|ms| *ms > 0.0) {
        None => kernel,
        Some(frame_ms) => {
            let rate = (1000.0 / frame_ms).round() as u64;
            [&rate.to_string(), " frames a second, ", &tenths(frame_ms), " ms each; ", &kernel].concat()
        }
    }
}

/// "40 % of the picture is done."
pub fn working(percent: u64) -> String {
    [&percent.to_string(), " % of the picture is done."].concat()
}

/// Why there is no picture; `reason` has no full stop.
pub fn failed(reason: &str) -> String {
    ["There is no picture: ", reason, "."].concat()
}

/// What a bias does that leaves little of the picture, if it does.
pub fn bias_warning(bias: Option<f32>) -> Option<String> {
    let bias = bias.filter(|bias| bias.abs() >= 0.5)?;
    let white = if bias > 0.0 { "white" } else { "black" };
    let number = convscope_scene::number::full(bias);
    Some(["A bias of ", &number, " moves most of the picture to ", white, "."].concat())
}

/// What a reader should know of a worker that was lost.
pub const RESTARTED: &str = "The worker stopped and was started again; nothing is lost.";

/// What the button says that mends it.
pub const WITHOUT_BIAS: &str = "Leave the bias out";

fn tenths(ms: f64) -> String {
    let tenths = (ms * 10.0).round() as u64;
    [tenths / 10, tenths % 10].map(|digits| digits.to_string()).join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{KernelChoice, KernelPreset};
    use crate::model::LabModel;

    #[test]
    fn kernels_whose_weights_add_up_to_0_find_edges() {
        let finders: Vec<&str> = KernelPreset::ALL
            .iter()
            .filter(|preset| {
                let kernel = KernelChoice::Preset(**preset);
                let lab = LabModel { kernel, ..LabModel::default() }.derive(None).unwrap();
                finds_edges(super::kernel(&lab).unwrap())
            })
            .map(|preset| preset.name())
            .collect();
        assert_eq!(finders, ["sobel-x", "sobel-y", "laplacian", "edge"]);
        assert!(!finds_edges(&[0.0, 0.0]));
        assert!(finds_edges(&[0.1, 0.2, -0.3]));
        assert!(!finds_edges(&[1.0, -0.999]));
    }

    #[test]
    fn the_kernel_is_the_slice_shown_and_only_a_convolution_has_one() {
        let own = KernelChoice::Own((0..16).map(|weight| weight as f32).collect());
        let model = LabModel {
            kernel: own,
            kernel_size: [2, 2],
            in_channels: 2,
            out_channels: 2,
            channel: 1,
            filter: 1,
            ..LabModel::default()
        };
        let lab = model.derive(None).unwrap();
        assert_eq!(kernel(&lab), Some([12.0, 13.0, 14.0, 15.0].as_slice()));
        for operation in [Operation::Transposed, Operation::MaxPool] {
            let lab = LabModel { operation, ..model.clone() }.derive(None).unwrap();
            assert_eq!(kernel(&lab), None);
        }
    }

    #[test]
    fn lines_have_their_numbers() {
        assert_eq!(
            sizes([720, 1280], [360, 640]),
            "720 × 1280 pixels become 360 × 640; red, green and blue each by itself."
        );
        assert_eq!(speed(Some(16.68), 4.06), "60 frames a second, 16.7 ms each; 4.1 ms in the kernel.");
        assert_eq!(speed(None, 0.96), "1.0 ms in the kernel.");
        assert_eq!(bias_warning(Some(1.0)).unwrap(), "A bias of 1 moves most of the picture to white.");
        assert_eq!(bias_warning(Some(-2.5)).unwrap(), "A bias of −2.5 moves most of the picture to black.");
        assert_eq!([bias_warning(None), bias_warning(Some(0.25))], [None, None]);
    }
}

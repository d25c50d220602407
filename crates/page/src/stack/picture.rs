//! What the input of the figure shows: the photograph as the network gets it, or as it was taken.

use std::rc::Rc;

use convscope_core::sample;
use convscope_core::tensor::Tensor;
use convscope_scene::{Raster, Scale};

use super::Stack;
use super::model::Shown;
use crate::source::Picture;

/// A photograph is shown with no more pixels than this on its longer side, and with no more cells of the input
/// on either: links may say any size.
const FINEST: u64 = 512;
const MOST_CELLS: u64 = 1024;

impl Stack {
    /// The photograph on the input, cut to its proportion, with a pixel for each cell where there are no more than
    /// 1,024 on a side; `None` where the input is no map.
    pub fn picture_raster(&self, picture: &Picture) -> Option<Rc<Raster>> {
        let [height, width, channels] = self.model.input()?;
        let size = match self.model.shown {
            Shown::Pixels => [height, width].map(|side| side.min(MOST_CELLS)),
            Shown::Photo => {
                let [_, _, rows, columns] = picture.shape();
                // The largest of the input's proportion that the photograph holds.
                let scale = (rows as f64 / height as f64).min(columns as f64 / width as f64);
                let scale = scale.min(FINEST as f64 / height.max(width) as f64);
                [height, width].map(|side| ((side as f64 * scale).round() as u64).max(1))
            }
        };
        let small = sample::resample(picture, size).ok()?;
        let small = if channels == 1 { sample::grey(&small).ok()? } else { small };
        raster(&small)
    }
}

fn raster(map: &Tensor) -> Option<Rc<Raster>> {
    let [_, channels, height, width] = map.shape();
    let plane = |channel: u64| map.plane(0, channel.min(channels - 1));
    let [red, green, blue] = [plane(0), plane(1), plane(2)];
    let mut values = Vec::with_capacity(3 * red.len());
    for ((&red, &green), &blue) in red.iter().zip(green).zip(blue) {
        values.extend([red, green, blue]);
    }
    let [height, width] = [u32::try_from(height).ok()?, u32::try_from(width).ok()?];
    Some(Rc::new(Raster { width, height, values, scale: Scale::Colour }))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use convscope_core::graph::notation;

    use super::*;
    use crate::stack::StackModel;

    #[test]
    fn pixels_are_the_input_s_and_a_photograph_is_finer() {
        let values = (0..3 * 60 * 90).map(|at| (at % 90) as f32 / 90.0).collect();
        let picture: Picture = Arc::new(Tensor::new([1, 3, 60, 90], values).unwrap());
        let model = StackModel::default();
        let size = |shown| {
            let stack = StackModel { shown, ..model.clone() }.derive();
            let raster = stack.picture_raster(&picture).unwrap();
            assert_eq!(raster.values.len() as u32, 3 * raster.width * raster.height);
            [raster.height, raster.width]
        };
        assert_eq!(size(Shown::Pixels), [14, 14]);
        assert_eq!(size(Shown::Photo), [60, 60]);
    }

    #[test]
    fn an_input_of_any_size_has_a_picture_of_bounded_size() {
        let picture: Picture = Arc::new(Tensor::new([1, 3, 6, 9], vec![0.5; 3 * 54]).unwrap());
        let model = StackModel::of_graph(Arc::new(notation::read("i1x3x65536x2.c8k3p1").unwrap()));
        let raster = model.derive().picture_raster(&picture).unwrap();
        assert_eq!([raster.height, raster.width], [1024, 2]);
    }
}

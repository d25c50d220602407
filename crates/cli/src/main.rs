//! Draws convscope figures without a browser.
//!
//! ```text
//! convscope-cli render LINK [--width PX] [--theme light|dark]   writes the figure of a link as SVG to stdout
//! convscope-cli shell DIR                                        writes what index.html needs before the app runs
//! ```

mod palette;
mod picture;
mod shell;

use std::process::ExitCode;

use convscope_page::figure;
use convscope_page::link::{self, Page};
use convscope_scene::{Pose, Size, svg};
use palette::{Palette, Theme};

const USAGE: &str =
    "usage: convscope-cli render LINK [--width PX] [--theme light|dark]\n       convscope-cli shell DIR";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["render", link, options @ ..] => render(link, options).map(|svg| print!("{svg}")),
        ["shell", folder] => shell::write(folder.as_ref()),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// The figure of a link as SVG with resolved colours; what the link could not say goes to stderr.
fn render(link: &str, options: &[&str]) -> Result<String, String> {
    let (mut width, mut theme) = (750.0, Theme::Light);
    for option in options.chunks(2) {
        match option {
            ["--width", px] => width = px.parse().map_err(|_| format!("{px:?} is not a width in pixels"))?,
            ["--theme", "light"] => theme = Theme::Light,
            ["--theme", "dark"] => theme = Theme::Dark,
            _ => return Err(USAGE.to_owned()),
        }
    }
    let fragment = link.split_once('#').map_or(link, |(_, fragment)| fragment);
    let parsed = link::parse(fragment);
    for notice in &parsed.notices {
        eprintln!("{}", notice.text);
    }
    let (Page::Lab(model) | Page::Embed(model)) = parsed.page else {
        return Err("only figures of the lab are drawn without a browser".to_owned());
    };
    let photograph = picture::of(&model)?;
    let lab = model.derive(photograph.as_ref()).map_err(|error| error.to_string())?;
    let figure = figure::figure(&lab, true, Size::new(width, f64::INFINITY));
    let scene = figure.scene(Pose::at(lab.model.step), None);
    Ok(svg::write(&scene, &figure::describe(&lab), &Palette::of(theme)))
}

//! Components, one a file: they read signals, call functions, and show the result.

pub(crate) mod controls;
pub(crate) mod embed;
pub(crate) mod html;
pub(crate) mod keys;
pub(crate) mod lab;
pub(crate) mod notices;
pub(crate) mod share;
pub(crate) mod stack;
pub(crate) mod top_bar;

//! convscope core

//! convscope scene

//! convscope page

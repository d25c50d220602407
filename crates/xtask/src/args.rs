//! The command line: a command, its flags, its options with a value.

use crate::process::Result;

/// What of the command line has not been read yet.
pub(crate) struct Args {
    rest: Vec<String>,
}

impl Args {
    /// None.
    pub(crate) fn none() -> Self {
        Self { rest: Vec::new() }
    }

    /// The arguments of this process.
    pub(crate) fn from_env() -> Self {
        Self { rest: std::env::args().skip(1).collect() }
    }

    /// The first word.
    pub(crate) fn command(&mut self) -> Option<String> {
        (!self.rest.is_empty()).then(|| self.rest.remove(0))
    }

    /// Whether `name` was given.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let before = self.rest.len();
        self.rest.retain(|arg| arg != name);
        self.rest.len() < before
    }

    /// The value of `--name VALUE` or `--name=VALUE`.
    pub(crate) fn option(&mut self, name: &str) -> Result<Option<String>> {
        for index in 0..self.rest.len() {
            let Some(tail) = self.rest[index].strip_prefix(name) else {
                continue;
            };
            if let Some(value) = tail.strip_prefix('=') {
                let value = value.to_owned();
                self.rest.remove(index);
                return Ok(Some(value));
            }
            if tail.is_empty() {
                if index + 1 == self.rest.len() {
                    return Err(format!("{name} wants a value"));
                }
                self.rest.remove(index);
                return Ok(Some(self.rest.remove(index)));
            }
        }
        Ok(None)
    }

    /// What is left, for another program.
    pub(crate) fn rest(self) -> Vec<String> {
        self.rest
    }

    /// Refuses what nobody read.
    pub(crate) fn finish(&self) -> Result<()> {
        match self.rest.first() {
            None => Ok(()),
            Some(arg) => Err(format!("{arg} is not understood here; try cargo xtask help")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(words: &[&str]) -> Args {
        Args { rest: words.iter().map(|&word| word.to_owned()).collect() }
    }

    #[test]
    fn options_are_read_with_a_space_or_an_equals_sign() {
        let mut spaced = args(&["serve", "--port", "9000", "--release"]);
        assert_eq!(spaced.command().as_deref(), Some("serve"));
        assert_eq!(spaced.option("--port"), Ok(Some("9000".to_owned())));
        assert!(spaced.flag("--release"));
        assert_eq!(spaced.finish(), Ok(()));
        let mut equals = args(&["--port=9000"]);
        assert_eq!(equals.option("--port"), Ok(Some("9000".to_owned())));
        assert_eq!(equals.finish(), Ok(()));
    }

    #[test]
    fn an_option_without_its_value_is_refused() {
        assert!(args(&["--port"]).option("--port").is_err());
    }

    #[test]
    fn what_nobody_reads_is_refused() {
        assert!(args(&["--relaese"]).finish().is_err());
    }
}

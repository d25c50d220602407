//! One line of a file of cases. Not every file has every key.

use serde::{Deserialize, Deserializer, de::Error};

#[derive(Deserialize)]
pub(crate) struct Row {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) op: String,
    /// Read by the operation that it belongs to.
    #[serde(default)]
    pub(crate) params: serde_json::Value,
    #[serde(default)]
    pub(crate) input_shape: Vec<u64>,
    pub(crate) weight_shape: Option<Vec<u64>>,
    #[serde(default)]
    pub(crate) input: Vec<Number>,
    #[serde(default)]
    pub(crate) weight: Vec<Number>,
    pub(crate) bias: Option<Vec<Number>>,
    pub(crate) bias_len: Option<u64>,
    pub(crate) output_shape: Option<Vec<u64>>,
    #[serde(default)]
    pub(crate) output: Vec<Number>,
    pub(crate) output_f64: Option<Vec<Number>>,
    /// Of maxima: `row * width + column`.
    pub(crate) indices: Option<Vec<u64>>,
    #[serde(default)]
    pub(crate) exact: bool,
    pub(crate) tol: Option<f64>,
    pub(crate) outcome: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) n_params: Option<u64>,
    pub(crate) macs: Option<u64>,
    pub(crate) macs_str: Option<String>,
    /// What only some operations have, such as gradients.
    #[serde(flatten)]
    pub(crate) rest: serde_json::Map<String, serde_json::Value>,
}

impl Row {
    /// Numbers under a key that only some operations have.
    pub(crate) fn numbers(&self, key: &str) -> Result<Vec<f64>, String> {
        let value = self.rest.get(key).ok_or_else(|| format!("the row has no {key}"))?;
        let numbers = Vec::<Number>::deserialize(value).map_err(|error| format!("{key}: {error}"))?;
        Ok(numbers.into_iter().map(|Number(value)| value).collect())
    }

    /// The same, rounded to `f32`.
    pub(crate) fn floats(&self, key: &str) -> Result<Vec<f32>, String> {
        Ok(self.numbers(key)?.into_iter().map(|value| value as f32).collect())
    }
}

/// A number, or one of the strings "NaN", "Infinity", "-Infinity".
#[derive(Clone, Copy)]
pub(crate) struct Number(pub(crate) f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Token {
            Number(f64),
            Text(String),
        }
        match Token::deserialize(deserializer)? {
            Token::Number(value) => Ok(Self(value)),
            Token::Text(text) => match text.as_str() {
                "NaN" => Ok(Self(f64::NAN)),
                "Infinity" => Ok(Self(f64::INFINITY)),
                "-Infinity" => Ok(Self(f64::NEG_INFINITY)),
                _ => Err(D::Error::custom(format!("{text:?} is no number"))),
            },
        }
    }
}

/// Rounds to `f32`, as the tokens of inputs, weights and outputs ask for.
pub(crate) fn to_f32(numbers: &[Number]) -> Vec<f32> {
    numbers.iter().map(|&Number(value)| value as f32).collect()
}

/// Four sizes, NCHW or OIHW.
pub(crate) fn shape(sizes: &[u64]) -> Result<[u64; 4], String> {
    sizes.try_into().map_err(|_| format!("{sizes:?} is not a shape of four sizes"))
}

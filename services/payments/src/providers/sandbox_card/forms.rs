//! The forms in which Stripe takes requests. What a request says and nobody asks for is refused, as
//! Stripe does: a typing error must not pass for a wish that was granted.

use std::collections::BTreeMap;

use super::refusals::Refusal;

/// Parameters of one request at most.
const MAX_PARAMETERS: usize = 200;
/// Metadata as Stripe bounds it: entries, characters of a name, characters of a value.
const METADATA: (usize, usize, usize) = (50, 40, 500);
/// Characters of any other value.
const MAX_VALUE: usize = 5_000;

/// Names and values that are of our keeping.
pub type Metadata = BTreeMap<String, String>;

/// A form that is being read. What is taken is gone; what is left at the end is refused.
#[derive(Debug)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a body or a query.
    pub fn read(text: &[u8]) -> Result<Self, Refusal> {
        let pairs: Vec<_> = form_urlencoded::parse(text).into_owned().collect();
        if pairs.len() > MAX_PARAMETERS {
            return Err(Refusal::invalid("Too many parameters."));
        }
        if let Some((name, _)) = pairs.iter().find(|(_, value)| value.chars().count() > MAX_VALUE) {
            let message = format!("Invalid string: must be at most {MAX_VALUE} characters");
            return Err(Refusal::parameter(name, message));
        }
        Ok(Self(pairs))
    }

    /// What tells this request from others: its parameters, in whatever order they came.
    pub fn canonical(&self) -> String {
        let mut pairs: Vec<_> = self.0.iter().collect();
        pairs.sort();
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    }

    /// Takes a value, if it is there and not empty.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let place = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(place).1).filter(|value| !value.is_empty())
    }

    /// Takes a value that must be there.
    pub fn required(&mut self, name: &str) -> Result<String, Refusal> {
        self.take(name).ok_or_else(|| {
            Refusal::parameter(name, format!("Missing required param: {name}."))
                .coded("parameter_missing")
        })
    }

    /// Takes a whole number, if it is there.
    pub fn integer(&mut self, name: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.take(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| {
            Refusal::parameter(name, format!("Invalid integer: {text}"))
                .coded("parameter_invalid_integer")
        })
    }

    /// Takes a value that may only be one of these.
    pub fn one_of(&mut self, name: &str, allowed: &[&str]) -> Result<Option<String>, Refusal> {
        let Some(text) = self.take(name) else { return Ok(None) };
        if allowed.contains(&text.as_str()) {
            return Ok(Some(text));
        }
        let message = format!("Invalid {name}: must be one of {}", allowed.join(", "));
        Err(Refusal::parameter(name, message))
    }

    /// Takes all values of a list: `name[]`, `name[0]`, …
    pub fn list(&mut self, name: &str) -> Vec<String> {
        self.under(name).into_iter().map(|(_, value)| value).collect()
    }

    /// Takes what is under a name: of `name[a]` and `name[a][b]` the pairs `a` and `a][b`.
    pub fn under(&mut self, name: &str) -> Vec<(String, String)> {
        let mut taken = Vec::new();
        self.0.retain(|(known, value)| {
            let inner = known
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix('['))
                .and_then(|rest| rest.strip_suffix(']'));
            if let Some(inner) = inner {
                taken.push((inner.to_owned(), value.clone()));
            }
            inner.is_none()
        });
        taken
    }

    /// Takes metadata.
    pub fn metadata(&mut self, name: &str) -> Result<Metadata, Refusal> {
        let (entries, name_length, value_length) = METADATA;
        let metadata: Metadata = self.under(name).into_iter().collect();
        let too_long = |(key, value): (&String, &String)| {
            key.chars().count() > name_length || value.chars().count() > value_length
        };
        if metadata.len() > entries || metadata.iter().any(too_long) {
            let message = format!(
                "Metadata can have {entries} keys of {name_length} characters, with values of {value_length}."
            );
            return Err(Refusal::parameter(name, message));
        }
        Ok(metadata)
    }

    /// Ends the reading.
    pub fn finish(self) -> Result<(), Refusal> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => {
                let message = format!("Received unknown parameter: {name}");
                Err(Refusal::parameter(name, message).coded("parameter_unknown"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_asked_for_is_refused_by_its_name() {
        let mut form =
            Form::read(b"amount=5&colour=red&metadata%5Ba%5D=1&list[]=x&list[1]=y").unwrap();
        assert_eq!(form.integer("amount"), Ok(Some(5)));
        assert_eq!(form.metadata("metadata").unwrap()["a"], "1");
        assert_eq!(form.list("list"), ["x", "y"]);
        let refusal = form.finish().unwrap_err();
        assert_eq!(refusal.code.as_deref(), Some("parameter_unknown"));
        assert_eq!(refusal.parameter.as_deref(), Some("colour"));
    }

    #[test]
    fn the_order_of_parameters_does_not_make_another_request() {
        let (one, two) = (Form::read(b"a=1&b=2").unwrap(), Form::read(b"b=2&a=1").unwrap());
        assert_eq!(one.canonical(), two.canonical());
        assert_ne!(one.canonical(), Form::read(b"a=1&b=3").unwrap().canonical());
    }

    #[test]
    fn numbers_choices_and_sizes_are_checked() {
        let mut form = Form::read(b"amount=1.5&mode=setup").unwrap();
        assert!(form.integer("amount").is_err());
        assert!(form.one_of("mode", &["payment"]).is_err());
        assert!(form.required("amount").is_err());
        let long = format!("name={}", "x".repeat(MAX_VALUE + 1));
        assert!(Form::read(long.as_bytes()).is_err());
        let mut form = Form::read(format!("metadata[a]={}", "x".repeat(501)).as_bytes()).unwrap();
        assert!(form.metadata("metadata").is_err());
    }
}

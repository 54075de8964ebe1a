//! What is wrong with what people typed: one problem a field, all of them told at once.

/// The API's name of a field: `["bankAccount", "bin"]`.
pub type Path = &'static [&'static str];

/// Why a field is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Nothing was given.
    #[error("is required")]
    Required,
    /// Fewer characters than wanted.
    #[error("needs at least {minimum} characters")]
    TooShort {
        /// The fewest characters.
        minimum: usize,
    },
    /// More characters than wanted.
    #[error("may have at most {maximum} characters")]
    TooLong {
        /// The most characters.
        maximum: usize,
    },
    /// Not in the form that is wanted.
    #[error("is not in the form that is wanted")]
    Invalid,
    /// More of something than one person may have.
    #[error("may be at most {maximum}")]
    TooMany {
        /// The most there may be.
        maximum: u64,
    },
    /// Somebody else has it.
    #[error("is taken")]
    AlreadyTaken,
    /// Neither a phone number nor an email address was given.
    #[error("needs a phone number or an email address")]
    PhoneOrEmailRequired,
    /// Too many people use it, or it is easy to guess.
    #[error("is too easy to guess")]
    PasswordTooCommon,
    /// The address of a page or of mail stands in it, where a name should.
    #[error("holds the address of a page or of mail")]
    HoldsAddress,
    /// The text that is agreed to is not the text of now.
    #[error("is not the text that counts now")]
    TermsOutdated,
    /// No ward of the city has this code.
    #[error("is no ward of the city")]
    UnknownWard,
    /// No bank that takes part in VietQR has this BIN.
    #[error("is no bank that takes part in VietQR")]
    UnknownBank,
}

/// A field that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} {problem}", path.join("."))]
pub struct InputRefused {
    /// Which field.
    pub path: Path,
    /// What is wrong with it.
    pub problem: Problem,
}

impl InputRefused {
    /// A problem of a field.
    pub const fn new(path: Path, problem: Problem) -> Self {
        Self { path, problem }
    }
}

/// Gathers the problems of a form, so that a person sees all of them at once.
#[derive(Debug, Default)]
pub struct Checks(Vec<InputRefused>);

impl Checks {
    /// Keeps what is good of a field, and notes what is not.
    pub fn keep<T>(&mut self, path: Path, read: Result<T, Problem>) -> Option<T> {
        read.map_err(|problem| self.refuse(path, problem)).ok()
    }

    /// Like [`Self::keep`], for a field that may be left empty: `None` then.
    pub fn keep_if_given<T>(
        &mut self,
        path: Path,
        text: &str,
        read: impl FnOnce(&str) -> Result<T, Problem>,
    ) -> Option<T> {
        if text.trim().is_empty() { None } else { self.keep(path, read(text)) }
    }

    /// Notes a problem.
    pub fn refuse(&mut self, path: Path, problem: Problem) {
        self.0.push(InputRefused::new(path, problem));
    }

    /// Whether nothing was refused.
    pub const fn passed(&self) -> bool {
        self.0.is_empty()
    }

    /// All that was refused.
    pub fn into_refused(self) -> Vec<InputRefused> {
        self.0
    }
}

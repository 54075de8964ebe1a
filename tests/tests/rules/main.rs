//! What holds of the project itself: who may know whom, what it depends on, and what its documents say.

mod architecture;
mod dependencies;
mod documents;

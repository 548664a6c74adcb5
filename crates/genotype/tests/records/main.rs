//! Records against a model that knows nothing of bytes: worked examples, chance and hostile bytes.

mod chance;
mod hostile;
mod naive;
mod worked;

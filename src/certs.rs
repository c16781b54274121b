//! Certificates, and their exchange while the node runs.

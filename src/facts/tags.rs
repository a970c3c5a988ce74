//! Page tags (网页标签) and their faults.

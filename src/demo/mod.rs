//! A small portal with planted defects, served on loopback, that `xuncha demo` patrols.

//! The two readers of HTML: a stream of tokens for every page, a tree for pages whose structure matters.

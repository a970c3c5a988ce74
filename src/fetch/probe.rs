//! Looks that pin the address family: what a host really offers over IPv6.

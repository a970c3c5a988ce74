//! A `ClientHello` of our own and the first bytes of its answer: which protocol a server speaks that our TLS library does not.
//! Bytes only; no cryptography, and nothing is ever agreed.

use crate::facts::tls::Legacy;

/// Which hello is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hello {
    /// TLS 1.2 and everything below, with every suite that was in use.
    Broad,
    /// TLS 1.0 without extensions: for servers that choke on anything newer.
    Old,
    /// 国密 TLCP: GB/T 38636.
    Tlcp,
}

/// What the first bytes of an answer are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reply {
    /// A `ServerHello`: the version and the suite that were chosen.
    Hello {
        /// As on the wire: 0x0301 is TLS 1.0.
        version: u16,
        /// The suite.
        suite: u16,
    },
    /// An alert, with its description.
    Alert(u8),
    /// Too few bytes to tell.
    More,
    /// Not TLS.
    Other,
}

/// Version bytes of TLCP.
const TLCP: u16 = 0x0101;

/// ECDHE with AEAD: what our TLS library speaks. Offered last, so that a server of ours would still say what it prefers.
const ECDHE_AEAD: [u16; 6] = [0xc02b, 0xc02c, 0xc02f, 0xc030, 0xcca8, 0xcca9];
/// ECDHE with CBC and SHA.
const ECDHE_CBC: [u16; 10] = [0xc009, 0xc00a, 0xc013, 0xc014, 0xc023, 0xc024, 0xc027, 0xc028, 0xc008, 0xc012];
/// Finite-field Diffie–Hellman.
const DHE: [u16; 11] =
    [0x009e, 0x009f, 0x0033, 0x0039, 0x0067, 0x006b, 0x0016, 0x0032, 0x0038, 0x0013, 0xccaa];
/// RSA key exchange.
const RSA: [u16; 9] = [0x009c, 0x009d, 0x002f, 0x0035, 0x003c, 0x003d, 0x000a, 0x0005, 0x0004];
/// SM2 key exchange with SM4.
const SM: [u16; 6] = [0xe053, 0xe051, 0xe013, 0xe011, 0xe059, 0xe01a];
/// Says that renegotiation is understood; some servers insist.
const RENEGOTIATION: u16 = 0x00ff;

/// The bytes of a hello for `host`, which is `None` for an address. `random` makes it one of a kind.
pub(super) fn bytes(hello: Hello, host: Option<&str>, random: [u8; 32]) -> Vec<u8> {
    let (record, version) = match hello {
        Hello::Broad => (0x0301, 0x0303),
        Hello::Old => (0x0301, 0x0301),
        Hello::Tlcp => (TLCP, TLCP),
    };
    let mut body = Vec::with_capacity(300);
    body.extend_from_slice(&u16::to_be_bytes(version));
    body.extend_from_slice(&random);
    body.push(0);
    let suites: Vec<u16> = match hello {
        Hello::Broad => [&RSA[..], &DHE, &ECDHE_CBC, &ECDHE_AEAD, &[RENEGOTIATION]].concat(),
        Hello::Old => vec![0x002f, 0x0035, 0x000a, 0x0005, 0x0004, 0x0033, 0x0039, 0x0016, RENEGOTIATION],
        Hello::Tlcp => SM.to_vec(),
    };
    vector16(&mut body, &suites.iter().flat_map(|suite| suite.to_be_bytes()).collect::<Vec<_>>());
    body.extend_from_slice(&[1, 0]);
    if hello == Hello::Broad {
        let mut extensions = Vec::new();
        if let Some(host) = host {
            let mut name = vec![0];
            vector16(&mut name, host.as_bytes());
            let mut list = Vec::new();
            vector16(&mut list, &name);
            extension(&mut extensions, 0, &list);
        }
        // x25519, P-256, P-384, P-521; uncompressed points.
        extension(&mut extensions, 10, &[0, 8, 0, 29, 0, 23, 0, 24, 0, 25]);
        extension(&mut extensions, 11, &[1, 0]);
        // ECDSA and RSA with SHA-256, SHA-384, SHA-512, SHA-1, and RSA-PSS.
        let schemes: [u16; 10] =
            [0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201];
        let mut list = Vec::new();
        vector16(&mut list, &schemes.iter().flat_map(|scheme| scheme.to_be_bytes()).collect::<Vec<_>>());
        extension(&mut extensions, 13, &list);
        vector16(&mut body, &extensions);
    }
    let mut handshake = vec![1, 0];
    vector16(&mut handshake, &body);
    let mut out = vec![22];
    out.extend_from_slice(&u16::to_be_bytes(record));
    vector16(&mut out, &handshake);
    out
}

/// Reads the beginning of an answer.
pub(super) fn read(answer: &[u8]) -> Reply {
    let Some((&[kind, major, minor, high, low], record)) = answer.split_first_chunk::<5>() else {
        return if answer.first().is_none_or(|kind| matches!(kind, 21 | 22)) {
            Reply::More
        } else {
            Reply::Other
        };
    };
    let known = major == 3 || (major, minor) == (1, 1);
    if !known || u16::from_be_bytes([high, low]) > (1 << 14) + 2048 {
        return Reply::Other;
    }
    match (kind, record) {
        (21, &[_, description, ..]) => Reply::Alert(description),
        (22, &[2, _, _, _, ref hello @ ..]) => server_hello(hello),
        (22, &[message, ..]) if message != 2 => Reply::Other,
        (21 | 22, _) => Reply::More,
        _ => Reply::Other,
    }
}

/// What of `reply` to `hello` explains that our own handshake failed; `None` where it does not.
pub(super) fn legacy(hello: Hello, reply: Reply) -> Option<Legacy> {
    let Reply::Hello { version, suite } = reply else { return None };
    Some(match (hello, version) {
        (Hello::Tlcp, TLCP) => Legacy::Sm2,
        (Hello::Tlcp, _) => return None,
        (_, 0x0300) => Legacy::Ssl3,
        // Told nothing of newer versions, a server that answers so may still speak them.
        (Hello::Old | Hello::Broad, 0x0301) => Legacy::Tls10,
        (Hello::Broad, 0x0302) => Legacy::Tls11,
        (Hello::Broad, 0x0303) if RSA.contains(&suite) => Legacy::RsaKeyExchange,
        (Hello::Broad, 0x0303) if DHE.contains(&suite) => Legacy::DheKeyExchange,
        (Hello::Broad, 0x0303) if ECDHE_CBC.contains(&suite) => Legacy::CbcSuites,
        (Hello::Broad, 0x0303) => Legacy::OldParameters,
        _ => return None,
    })
}

fn server_hello(hello: &[u8]) -> Reply {
    let Some((version, rest)) = hello.split_first_chunk::<2>() else { return Reply::More };
    let Some((&session, rest)) = rest.get(32..).and_then(<[u8]>::split_first) else { return Reply::More };
    let Some((suite, _)) = rest.get(usize::from(session)..).and_then(<[u8]>::split_first_chunk::<2>) else {
        return Reply::More;
    };
    Reply::Hello { version: u16::from_be_bytes(*version), suite: u16::from_be_bytes(*suite) }
}

fn extension(out: &mut Vec<u8>, kind: u16, body: &[u8]) {
    out.extend_from_slice(&kind.to_be_bytes());
    vector16(out, body);
}

/// A vector with a length of two bytes. Ours are all far below its bound.
fn vector16(out: &mut Vec<u8>, body: &[u8]) {
    out.extend_from_slice(&u16::try_from(body.len()).unwrap_or(u16::MAX).to_be_bytes());
    out.extend_from_slice(body);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A `ServerHello` as a server sends it.
    fn answer(record: u16, version: u16, suite: u16) -> Vec<u8> {
        let mut hello = version.to_be_bytes().to_vec();
        hello.extend_from_slice(&[7; 32]);
        hello.extend_from_slice(&[2, 9, 9]);
        hello.extend_from_slice(&suite.to_be_bytes());
        hello.push(0);
        let mut handshake = vec![2, 0];
        vector16(&mut handshake, &hello);
        let mut out = vec![22];
        out.extend_from_slice(&record.to_be_bytes());
        vector16(&mut out, &handshake);
        out
    }

    #[test]
    fn a_hello_is_framed_as_the_standard_says() {
        for hello in [Hello::Broad, Hello::Old, Hello::Tlcp] {
            let bytes = bytes(hello, Some("www.shili.example"), [5; 32]);
            let length = |at: usize| usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]));
            assert_eq!(bytes[0], 22, "a handshake record");
            assert_eq!(length(3), bytes.len() - 5, "{hello:?}: the record's length");
            assert_eq!((bytes[5], bytes[6]), (1, 0), "a ClientHello");
            assert_eq!(length(7), bytes.len() - 9, "{hello:?}: the message's length");
            let named = bytes.windows(17).any(|window| window == b"www.shili.example");
            assert_eq!(named, hello == Hello::Broad, "{hello:?}: SNI");
        }
        assert_eq!(bytes(Hello::Tlcp, None, [0; 32])[1..3], [1, 1]);
    }

    #[test]
    fn answers_are_told_apart() {
        for (bytes, reply) in [
            (answer(0x0301, 0x0301, 0x002f), Reply::Hello { version: 0x0301, suite: 0x002f }),
            (answer(0x0101, 0x0101, 0xe013), Reply::Hello { version: 0x0101, suite: 0xe013 }),
            (vec![21, 3, 1, 0, 2, 2, 70], Reply::Alert(70)),
            (vec![21, 3, 1], Reply::More),
            (Vec::new(), Reply::More),
            (b"HTTP/1.1 400 Bad Request\r\n".to_vec(), Reply::Other),
            (b"SSH-2.0-".to_vec(), Reply::Other),
            (vec![22, 9, 9, 0, 4, 2, 0, 0, 0], Reply::Other),
            (vec![22, 3, 3, 255, 255, 2, 0, 0, 0], Reply::Other),
        ] {
            assert_eq!(read(&bytes), reply, "{bytes:02x?}");
        }
        let whole = answer(0x0303, 0x0303, 0x009c);
        for cut in 0..46 {
            assert_eq!(read(&whole[..cut]), Reply::More, "{cut} bytes of it");
        }
    }

    #[test]
    fn what_an_answer_explains() {
        let of = |hello, version, suite| legacy(hello, Reply::Hello { version, suite });
        assert_eq!(of(Hello::Broad, 0x0300, 0x000a), Some(Legacy::Ssl3));
        assert_eq!(of(Hello::Broad, 0x0301, 0xc013), Some(Legacy::Tls10));
        assert_eq!(of(Hello::Broad, 0x0302, 0x002f), Some(Legacy::Tls11));
        assert_eq!(of(Hello::Broad, 0x0303, 0x009c), Some(Legacy::RsaKeyExchange));
        assert_eq!(of(Hello::Broad, 0x0303, 0x009e), Some(Legacy::DheKeyExchange));
        assert_eq!(of(Hello::Broad, 0x0303, 0xc027), Some(Legacy::CbcSuites));
        assert_eq!(of(Hello::Broad, 0x0303, 0xc02f), Some(Legacy::OldParameters));
        assert_eq!(of(Hello::Old, 0x0301, 0x000a), Some(Legacy::Tls10));
        assert_eq!(of(Hello::Tlcp, 0x0101, 0xe013), Some(Legacy::Sm2));
        assert_eq!(of(Hello::Tlcp, 0x0303, 0xe013), None);
        for reply in [Reply::Alert(40), Reply::More, Reply::Other] {
            assert_eq!(legacy(Hello::Broad, reply), None);
        }
    }
}

//! rustls's errors as OpenSSL would report them.

use super::errors::Failure;
use rustls::{AlertDescription, Error, InvalidMessage, PeerIncompatible};

/// The error that an error of rustls is.
pub fn of_rustls(error: &Error, is_server: bool) -> Failure {
    use PeerIncompatible as Incompatible;
    let (symbol, text) = match error {
        Error::AlertReceived(alert) => return of_alert(*alert),
        Error::NoCertificatesPresented if is_server => ("PEER_DID_NOT_RETURN_A_CERTIFICATE", None),
        Error::PeerIncompatible(
            Incompatible::NoCipherSuitesInCommon
            | Incompatible::NoKxGroupsInCommon
            | Incompatible::NoSignatureSchemesInCommon
            | Incompatible::NoCertificateRequestSignatureSchemesInCommon
            | Incompatible::NoEcPointFormatsInCommon,
        ) => ("NO_SHARED_CIPHER", None),
        Error::PeerIncompatible(
            Incompatible::ServerDoesNotSupportTls12Or13
            | Incompatible::ServerTlsVersionIsDisabledByOurConfig
            | Incompatible::SupportedVersionsExtensionRequired
            | Incompatible::Tls12NotOffered
            | Incompatible::Tls12NotOfferedOrEnabled,
        ) => ("UNSUPPORTED_PROTOCOL", None),
        // Without a certificate, a server shares no cipher with anybody.
        Error::General(text) if text.contains("certificate chain resolved") => ("NO_SHARED_CIPHER", None),
        Error::NoApplicationProtocol => ("NO_APPLICATION_PROTOCOL", None),
        Error::DecryptError => ("DECRYPTION_FAILED_OR_BAD_RECORD_MAC", None),
        Error::PeerSentOversizedRecord => ("PACKET_LENGTH_TOO_LONG", None),
        Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => {
            ("UNEXPECTED_MESSAGE", None)
        }
        Error::InvalidMessage(InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion) => {
            ("WRONG_VERSION_NUMBER", None)
        }
        Error::InvalidMessage(InvalidMessage::MessageTooLarge) => ("PACKET_LENGTH_TOO_LONG", None),
        Error::InvalidMessage(_) => ("DECODE_ERROR", Some(error.to_string())),
        Error::PeerMisbehaved(_) => ("ILLEGAL_PARAMETER", Some(error.to_string())),
        Error::PeerIncompatible(_) => ("HANDSHAKE_FAILURE", Some(error.to_string())),
        _ => ("INTERNAL_ERROR", Some(error.to_string())),
    };
    match text {
        Some(text) => Failure::with_text("SSL", symbol, text),
        None => Failure::reason(symbol),
    }
}

/// An alert of the peer.
fn of_alert(alert: AlertDescription) -> Failure {
    let number = u8::from(alert);
    let symbol = match number {
        10 => "SSLV3_ALERT_UNEXPECTED_MESSAGE",
        20 => "SSLV3_ALERT_BAD_RECORD_MAC",
        21 => "TLSV1_ALERT_DECRYPTION_FAILED",
        22 => "TLSV1_ALERT_RECORD_OVERFLOW",
        30 => "SSLV3_ALERT_DECOMPRESSION_FAILURE",
        40 => "SSLV3_ALERT_HANDSHAKE_FAILURE",
        41 => "SSLV3_ALERT_NO_CERTIFICATE",
        42 => "SSLV3_ALERT_BAD_CERTIFICATE",
        43 => "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
        44 => "SSLV3_ALERT_CERTIFICATE_REVOKED",
        45 => "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        46 => "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        47 => "SSLV3_ALERT_ILLEGAL_PARAMETER",
        48 => "TLSV1_ALERT_UNKNOWN_CA",
        49 => "TLSV1_ALERT_ACCESS_DENIED",
        50 => "TLSV1_ALERT_DECODE_ERROR",
        51 => "TLSV1_ALERT_DECRYPT_ERROR",
        60 => "TLSV1_ALERT_EXPORT_RESTRICTION",
        70 => "TLSV1_ALERT_PROTOCOL_VERSION",
        71 => "TLSV1_ALERT_INSUFFICIENT_SECURITY",
        80 => "TLSV1_ALERT_INTERNAL_ERROR",
        86 => "TLSV1_ALERT_INAPPROPRIATE_FALLBACK",
        90 => "TLSV1_ALERT_USER_CANCELLED",
        100 => "TLSV1_ALERT_NO_RENEGOTIATION",
        109 => "TLSV13_ALERT_MISSING_EXTENSION",
        110 => "TLSV1_UNSUPPORTED_EXTENSION",
        111 => "TLSV1_CERTIFICATE_UNOBTAINABLE",
        112 => "TLSV1_UNRECOGNIZED_NAME",
        113 => "TLSV1_BAD_CERTIFICATE_STATUS_RESPONSE",
        114 => "TLSV1_BAD_CERTIFICATE_HASH_VALUE",
        115 => "TLSV1_ALERT_UNKNOWN_PSK_IDENTITY",
        116 => "TLSV13_ALERT_CERTIFICATE_REQUIRED",
        120 => "TLSV1_ALERT_NO_APPLICATION_PROTOCOL",
        _ => return Failure::with_text("SSL", "UNKNOWN_ALERT_TYPE", format!("unknown alert type {number}")),
    };
    let text = symbol.to_lowercase().replace('_', " ").replace("sslv3", "ssl/tls");
    Failure::with_text("SSL", symbol, text)
}

/// What the first bytes of a connection are, where they are not TLS.
pub fn of_first_bytes(bytes: &[u8]) -> Failure {
    let starts = |words: &[&str]| words.iter().any(|word| bytes.starts_with(word.as_bytes()));
    if starts(&["GET ", "POST ", "HEAD ", "PUT "]) {
        Failure::reason("HTTP_REQUEST")
    } else if starts(&["CONNE"]) {
        Failure::reason("HTTPS_PROXY_REQUEST")
    } else {
        Failure::reason("WRONG_VERSION_NUMBER")
    }
}

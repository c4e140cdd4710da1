//! What can be wrong with a request or the node besides a rejection by the domain.

macro_rules! troubles {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $locus:literal, $title:literal, $help:literal;)*) => {
        /// A problem that HTTP itself, a proof or the world brings.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Trouble { $($(#[$doc])* $name,)* }

        impl Trouble {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stable code.
            #[must_use]
            pub fn code(self) -> &'static str { match self { $(Self::$name => $code,)* } }

            /// The HTTP status.
            #[must_use]
            pub fn status(self) -> u16 { match self { $(Self::$name => $status,)* } }

            /// Who failed: client, node or store.
            #[must_use]
            pub fn locus(self) -> &'static str { match self { $(Self::$name => $locus,)* } }

            /// One line for people.
            #[must_use]
            pub fn title(self) -> &'static str { match self { $(Self::$name => $title,)* } }

            /// What to do about it.
            #[must_use]
            pub fn help(self) -> &'static str { match self { $(Self::$name => $help,)* } }
        }
    };
}

troubles! {
    /// No such route.
    NoSuchRoute = "no_such_route", 404, "client", "There is no such address here", "Compare the path with /openapi.json. Institutions and operators have listeners of their own.";
    /// The route has other methods.
    MethodNotAllowed = "method_not_allowed", 405, "client", "This address does not take that method", "Use a method that the Allow header names.";
    /// Another content type is wanted.
    UnsupportedMediaType = "unsupported_media_type", 415, "client", "The body's content type is not the one wanted", "Send the content type that /openapi.json names for this route.";
    /// The body is no JSON, or not of the shape wanted.
    MalformedBody = "malformed_body", 400, "client", "The body is malformed", "The detail names the place. Unknown, repeated and missing members are refused.";
    /// A header or a query parameter is malformed.
    MalformedParameter = "malformed_parameter", 400, "client", "A header or query parameter is malformed", "The detail names it.";
    /// A header that the route needs is missing.
    PreconditionRequired = "precondition_required", 428, "client", "The request must say what it changes", "Send If-Match with what you last read.";
    /// The body is not what `Content-Digest` says.
    DigestMismatch = "digest_mismatch", 400, "client", "The body is not the one that Content-Digest names", "Send it again.";
    /// Too much for one request.
    TooLarge = "too_large", 413, "client", "That is more than this route takes", "Send less, or in several requests.";
    /// No client certificate came with the connection.
    CertificateRequired = "certificate_required", 401, "client", "A client certificate is needed here", "Connect with the certificate of the institution or operator.";
    /// A browser sent it for another site's page.
    CrossSite = "cross_site", 403, "client", "Another site's page sent this request", "Send it from this origin's own pages, or from a program: a browser shows its certificate whoever asks it to.";
    /// The `DPoP` proof does not hold.
    InvalidDpopProof = "invalid_dpop_proof", 401, "client", "The DPoP proof does not hold", "The detail says what differs (RFC 9449 section 4.3).";
    /// The `DPoP` proof needs a fresh nonce.
    UseDpopNonce = "use_dpop_nonce", 401, "client", "The DPoP proof needs this node's nonce", "Make a new proof with the nonce of the DPoP-Nonce header (RFC 9449 section 8).";
    /// No room for another.
    Busy = "busy", 503, "node", "The node has too much to do", "Try again after Retry-After.";
    /// Five attempts met a changed world.
    Contended = "contended", 503, "node", "The data kept changing while the request was decided", "Try again.";
    /// The node is stopping.
    Stopping = "stopping", 503, "node", "The node is stopping", "Try again; another node or the next start will answer.";
    /// The deadline passed.
    TimedOut = "timed_out", 503, "node", "The node did not answer in time", "Try again with the same Idempotency-Key; it may have been done.";
    /// The node itself failed.
    Internal = "internal", 500, "node", "The node failed at this request; that is its fault, not yours", "Tell the operator the trace_id.";
    /// The store takes no writes now.
    StoreUnavailable = "store_unavailable", 503, "store", "The store takes no writes now", "Try again later; reads go on. The operator sees why.";
    /// The store failed.
    StoreFailed = "store_failed", 500, "store", "The store failed at this request", "Tell the operator the trace_id.";
}

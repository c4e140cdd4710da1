//! Where a node is, as a client's folder remembers it: addresses and the CA of its
//! certificate; for institutions and operators also the client certificate.

use super::Failure;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;
use symbolon_client::ClientError;
use symbolon_client::folder::Folder;
use symbolon_client::http3::{Http3, Identity, Trust};

/// The file that says where the node is.
pub const PLACE: &str = "node.json";
/// The file of an institution's keys.
pub const INSTITUTION_KEYS: &str = "institution.json";
/// The file of a front end's state.
pub const FRONT_END: &str = "front-end.json";
const CERTIFICATE: &str = "certificate.pem";
const KEY: &str = "certificate.key";

/// Where the node is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The origin for phones and front ends.
    pub web: String,
    /// The origin for institutions.
    pub partner: String,
    /// The cluster's issuer.
    pub issuer: String,
    /// The region in which things are made.
    pub region: String,
    /// The authorities of its certificate, PEM; none means those of the operating system.
    pub ca: Option<String>,
}

impl Place {
    /// Asks a node where things are.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn discover(web: &str, ca: Option<&Path>) -> Result<Self, Failure> {
        let read = |path: &Path| {
            std::fs::read_to_string(path)
                .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
        };
        let ca = ca.map(read).transpose()?;
        let http = Http3::new(web, &trust(ca.as_deref())?, None)?;
        let cluster = symbolon_client::cluster::fetch(&http).await?;
        http.close().await;
        Ok(Self {
            web: http.origin().to_owned(),
            partner: cluster.partner_origin,
            issuer: cluster.issuer,
            region: cluster.region,
            ca,
        })
    }

    /// What a folder remembers.
    ///
    /// # Errors
    /// When it remembers nothing.
    pub fn load(folder: &Folder) -> Result<Self, Failure> {
        if !folder.has(PLACE) {
            let text = format!("{} holds nothing of this kind yet", folder.path().display());
            return Err(Failure::usage(text).help("begin with the `new` or `enrol` command"));
        }
        Ok(folder.read(PLACE)?)
    }

    /// Remembers it.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn save(&self, folder: &Folder) -> Result<(), Failure> {
        Ok(folder.write(PLACE, self)?)
    }

    /// Keeps a client certificate in a folder.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn save_identity(folder: &Folder, certificate: &[u8], key: &[u8]) -> Result<(), Failure> {
        folder.write_bytes(CERTIFICATE, certificate)?;
        Ok(folder.write_bytes(KEY, key)?)
    }

    /// A client of the web listener.
    ///
    /// # Errors
    /// When the origin is none.
    pub fn web(&self) -> Result<Arc<Http3>, ClientError> {
        Ok(Arc::new(Http3::new(&self.web, &trust(self.ca.as_deref())?, None)?))
    }

    /// A client of the partner listener, with the certificate in the folder.
    ///
    /// # Errors
    /// When there is none.
    pub fn partner(&self, folder: &Folder) -> Result<Arc<Http3>, ClientError> {
        let identity = Identity::from_files(&folder.file(CERTIFICATE), &folder.file(KEY))?;
        Ok(Arc::new(Http3::new(&self.partner, &trust(self.ca.as_deref())?, Some(&identity))?))
    }
}

/// The authorities of a PEM text, or those of the operating system.
///
/// # Errors
/// When there are none.
pub(crate) fn trust(ca: Option<&str>) -> Result<Trust, ClientError> {
    ca.map_or_else(Trust::system, |pem| Trust::from_pem(pem.as_bytes()))
}

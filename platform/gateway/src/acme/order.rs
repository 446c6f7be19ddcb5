//! One order, from the account to the certificate.

use std::time::Duration;

use crypto::CertificateKey;
use instant_acme::{
    Account, AuthorizationStatus, ChallengeType, Identifier, NewAccount, NewOrder, Order, OrderStatus, RetryPolicy,
};

use super::{Error, challenges::Challenges, folder::Folder, transport::Transport};
use crate::settings;

/// How long an authority may take to look at our hosts, and then to issue.
const POLL_MAX: Duration = Duration::from_mins(2);
const POLL: RetryPolicy = RetryPolicy::new().timeout(POLL_MAX);
/// What a directory calls an account of which it knows nothing.
const UNKNOWN_ACCOUNT: &str = "urn:ietf:params:acme:error:accountDoesNotExist";

/// Obtains a certificate for a new key; returns it with those that lead to the root, as PEM.
pub(super) async fn obtain(
    settings: &settings::Acme,
    folder: &Folder,
    challenges: &Challenges,
) -> Result<(String, CertificateKey), Error> {
    let hosts: Vec<_> = settings.hosts.iter().cloned().map(Identifier::Dns).collect();
    let wanted = NewOrder::new(&hosts);
    let mut order = match account(settings, folder).await?.new_order(&wanted).await {
        Err(instant_acme::Error::Api(problem)) if problem.r#type.as_deref() == Some(UNKNOWN_ACCOUNT) => {
            folder.forget_account(&settings.directory)?;
            account(settings, folder).await?.new_order(&wanted).await?
        }
        ordered => ordered?,
    };
    prove(&mut order, challenges).await?;
    let key = CertificateKey::generate()?;
    order.finalize_csr(&key.request(&settings.hosts)?).await?;
    let chain = order.poll_certificate(&POLL).await?;
    Ok((chain, key))
}

/// Returns the account at the directory, which is made when there is none.
async fn account(settings: &settings::Acme, folder: &Folder) -> Result<Account, Error> {
    let builder = Account::builder_with_http(Box::new(Transport::new(settings)?));
    if let Some(known) = folder.account(&settings.directory)? {
        return Ok(builder.from_credentials(known).await?);
    }
    let contact = format!("mailto:{}", settings.contact);
    let contact = [contact.as_str()];
    let wanted = NewAccount {
        contact: if settings.contact.is_empty() { &[] } else { &contact },
        terms_of_service_agreed: true,
        only_return_existing: false,
    };
    let (account, credentials) = builder.create(&wanted, settings.directory.clone(), None).await?;
    folder.keep_account(&settings.directory, &credentials)?;
    Ok(account)
}

/// Shows that the hosts are ours, as far as the directory does not believe it already.
async fn prove(order: &mut Order, challenges: &Challenges) -> Result<(), Error> {
    // Each is answered until the whole order is ready.
    let mut published = Vec::new();
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let host = authorization.identifier().to_string();
        let mut challenge = authorization.challenge(ChallengeType::Http01).ok_or_else(|| Error::NoChallenge(host))?;
        published.push(challenges.publish(&challenge.token, challenge.key_authorization().as_str()));
        challenge.set_ready().await?;
    }
    match order.poll_ready(&POLL).await? {
        OrderStatus::Ready => Ok(()),
        _ => Err(Error::Unconvinced(reasons(order).await)),
    }
}

/// Returns what the authority says of the hosts that it did not find to be ours.
async fn reasons(order: &mut Order) -> String {
    let mut reasons = Vec::new();
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        let Ok(state) = authorization.refresh().await else { continue };
        let host = state.identifier().to_string();
        let errors = state.challenges.iter().filter_map(|challenge| challenge.error.as_ref());
        reasons.extend(errors.map(|problem| format!("{host}: {problem}")));
    }
    reasons.join("; ")
}

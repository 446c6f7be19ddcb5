//! Secrets at rest: what somebody finds who reads the databases, or the events on the bus.

use std::{sync::Arc, time::Duration};

use base::Caller;
use crypto::{
    Keyring, Passwords,
    password::{Cost, Limits},
};
use identity::{
    Identity,
    actions::{
        passwords::{ResetRequest, request_reset},
        tenants::{NewUser, create_user},
    },
    model::person::ProfileInput,
};
use messaging::{Bus, Messaging};
use notifications::{Folder, Notifications, jobs::send_mails::send_due};
use runtime::Shutdown;
use testkit::{Installation, app::newest_link, engine, every_bus};

const EMAIL: &str = "ana@uni.example";

every_bus! {
    async fn no_link_of_a_mail_rests_in_clear(installation: Installation) {
        let house = House::new(&installation).await;
        let profile = ProfileInput { name: "Ana".to_owned(), email: EMAIL.to_owned(), language: "en".to_owned(), ..ProfileInput::default() };
        let new = NewUser { profile, memberships: Vec::new(), password: None };
        let invited = create_user(&house.identity, house.tenant, new).await.unwrap();
        let invitation = secret_of(&invited.invitation.unwrap());
        // In the outbox, then on the bus and in the mail that waits, then sent.
        house.holds_nothing_of(&installation, &[&invitation]).await;
        house.messaging.drain().await.unwrap();
        house.holds_nothing_of(&installation, &[&invitation]).await;
        send_due(&house.notifications).await.unwrap();
        assert_eq!(house.secret_mailed(), invitation);
        house.holds_nothing_of(&installation, &[&invitation]).await;

        // Mails are told apart by their time.
        installation.clock.advance(Duration::from_secs(1));
        let nobody = Caller::nobody(house.tenant, installation.ambient.id());
        let request = ResetRequest { email: EMAIL.to_owned(), address: "192.0.2.1".to_owned() };
        request_reset(&house.identity, &nobody, house.tenant, None, request).await.unwrap();
        house.messaging.drain().await.unwrap();
        let waiting = installation.at_rest().await;
        send_due(&house.notifications).await.unwrap();
        let reset = house.secret_mailed();
        assert_ne!(reset, invitation);
        assert!(!finds(&waiting, &reset));
        house.holds_nothing_of(&installation, &[&invitation, &reset]).await;
    }
}

struct House {
    tenant: base::TenantId,
    identity: Identity,
    notifications: Notifications,
    messaging: Messaging,
    bus: Arc<dyn Bus>,
    mails: std::path::PathBuf,
}

impl House {
    async fn new(installation: &Installation) -> Self {
        let storage = installation.storage().await;
        let tenant = engine::tenant(&storage, "uni").await.id;
        let people = storage.database("identity", &[messaging::SCHEMA, audit::SCHEMA, identity::SCHEMA]).await.unwrap();
        let letters = storage.database("notifications", &notifications::schemas()).await.unwrap();
        let keyring = Keyring::from_secret(&"k".repeat(43).into()).unwrap();
        let identity = Identity::new(identity::Parts {
            db: people.clone(),
            keyring: keyring.clone(),
            passwords: Passwords::new(Cost::RECOMMENDED, Limits::for_cores(1)),
            settings: identity::Settings::default(),
        });
        let mails = installation.folder.join("mails");
        let notifications = Notifications::new(notifications::Parts {
            db: letters.clone(),
            keyring,
            transport: Arc::new(Folder::new(&mails)),
            settings: notifications::Settings::default(),
        });
        let notifications = notifications.unwrap();
        let bus = installation.bus(&storage, &Shutdown::new()).await;
        let messaging = Messaging::new(Arc::clone(&bus))
            .with(people, identity::consumers(&identity))
            .with(letters, notifications::consumers(&notifications));
        Self { tenant, identity, notifications, messaging, bus, mails }
    }

    /// None of the secrets is in the databases or on the bus; whom the mails are for is.
    async fn holds_nothing_of(&self, installation: &Installation, secrets: &[&str]) {
        let mut held = installation.at_rest().await;
        for delivery in self.bus.read(0, 0, 300).await.unwrap() {
            held.extend(delivery.envelope.data.into_bytes());
        }
        assert!(finds(&held, EMAIL), "nothing was looked at");
        for secret in secrets {
            assert!(!finds(&held, secret), "a link rests in clear");
        }
    }

    /// The secret in the newest mail.
    fn secret_mailed(&self) -> String {
        secret_of(&newest_link(&self.mails, EMAIL).unwrap())
    }
}

/// What a link's bearer knows and nobody else: the token without the tenant before it.
fn secret_of(link: &str) -> String {
    let secret = link.rsplit('.').next().unwrap();
    assert_eq!(secret.len(), 43, "{link}");
    secret.to_owned()
}

/// Finds a text among bytes, as it is or in hexadecimal digits.
fn finds(bytes: &[u8], text: &str) -> bool {
    let has = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    has(text.as_bytes()) || has(crypto::digest::hex(text.as_bytes()).as_bytes())
}

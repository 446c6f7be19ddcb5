//! The role `notifications`: mail and notices.

use std::sync::Arc;

use anyhow::Result;
use futures_util::{FutureExt, future::BoxFuture};
use notifications::{Folder, Notifications, jobs::send_mails};

use crate::{parts::Parts, serving};

pub(super) fn start(parts: &Parts) -> BoxFuture<'_, Result<()>> {
    async move {
        let mail = &parts.settings.mail;
        let db = parts.database("notifications", notifications::SCHEMA).await?;
        let folder = parts.folder(&mail.folder);
        let notifications = Notifications::new(notifications::Parts {
            db: db.clone(),
            keyring: parts.keyring.clone(),
            transport: Arc::new(Folder::new(&folder)),
            settings: notifications::Settings {
                mail_folder: folder,
                mail_from: mail.from.clone(),
                public_address: parts.settings.public_address.clone(),
            },
        })?;
        serving::message(parts, db, notifications::consumers(&notifications)).await?;
        send_mails::start(&notifications, &parts.shutdown);
        serving::serve(parts, notifications::service(notifications)).await
    }
    .boxed()
}

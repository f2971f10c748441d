"""The deliverer of webhooks: from changes in the feed to messages that their endpoints have accepted."""

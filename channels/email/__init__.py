"""E-mail: `reading` makes an `Inbound` of a mail, `imap` fetches them; `outbound` hands over what `composing` wrote."""

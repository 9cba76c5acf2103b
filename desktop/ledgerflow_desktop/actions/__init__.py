"""What a user can do, one intent a function and one transaction each; no Qt here, so window and command share them."""

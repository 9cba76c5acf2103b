"""What can be wrong about this device at the server: what its user may not do, and where its signing key is."""

DEVICE = {
    "not-permitted": (
        "The role {role} has no right to this[ ({act})]. Nothing was saved. "
        "Ask the owner of the books for the right, or somebody who has it to do it."
    ),
}

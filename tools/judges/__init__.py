"""The suite's opinion of an exchange beside that of others: two SDKs, their types, schemathesis."""

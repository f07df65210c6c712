"""Mails to people, sent by the queue."""

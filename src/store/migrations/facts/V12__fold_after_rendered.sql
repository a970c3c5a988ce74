-- What a browser showed and what TLS an outside host speaks belong to a fold as well.
CREATE TRIGGER fold_after_rendered AFTER INSERT ON rendered BEGIN DELETE FROM fold WHERE run = NEW.run; END;
CREATE TRIGGER fold_after_outside_tls AFTER INSERT ON outside_tls BEGIN DELETE FROM fold WHERE run = NEW.run; END;

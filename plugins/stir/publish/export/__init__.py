"""From the mart to S3: snapshot, slices, parts, manifest."""

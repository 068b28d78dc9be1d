output "lake" {
  description = "Address of the lake, for --lake."
  value       = local.lake
}

output "image" {
  description = "Name under which the image has to be pushed before the first launch."
  value       = local.image
}

output "worker" {
  description = "Service account of the workers; grant it read access to feed lists in other buckets."
  value       = google_service_account.worker.email
}

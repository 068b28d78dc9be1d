variable "project" {
  description = "Id of the Google Cloud project."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "A project id has 6 to 30 lower-case letters, digits and hyphens, and starts with a letter."
  }
}

variable "region" {
  description = "Region of bucket, image and workers; one region, so that no data moves between regions."
  type        = string
  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "A region looks like europe-west3."
  }
}

variable "bucket" {
  description = "Name of the bucket of the lake; a second one, NAME-temp, has temporary files of Dataflow."
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,56}[a-z0-9]$", var.bucket))
    error_message = "A bucket's name has 3 to 58 lower-case letters, digits and hyphens here."
  }
}

variable "image_version" {
  description = "Tag of the image that was built from deploy/flex-template/Dockerfile. Not `latest`, so that a rollback can name the previous tag."
  type        = string
  validation {
    condition     = can(regex("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$", var.image_version)) && var.image_version != "latest"
    error_message = "Name a tag other than latest."
  }
}

variable "feeds" {
  description = "Feed lists, each at gs://, or links of feeds."
  type        = list(string)
  validation {
    condition     = length(var.feeds) > 0 && alltrue([for f in var.feeds : can(regex("^(gs|https?)://\\S+$", f))])
    error_message = "Name at least one list at gs:// or one feed URL, without spaces."
  }
}

variable "contact" {
  description = "Where publishers can complain: a URL or a mail address; sent with every request."
  type        = string
  validation {
    condition     = length(var.contact) > 3
    error_message = "Publishers must be able to reach somebody."
  }
}

variable "ingest_schedule" {
  description = "When feeds are polled, as cron. A worker takes minutes to start: hourly is often enough."
  type        = string
  default     = "5 * * * *"
}

variable "revisit_schedule" {
  description = "When articles are fetched again to record changes, as cron."
  type        = string
  default     = "35 */6 * * *"
}

variable "time_zone" {
  description = "Time zone of the schedules."
  type        = string
  default     = "Etc/UTC"
}

variable "paused" {
  description = "Create the schedules, but paused."
  type        = bool
  default     = false
}

variable "machine_type" {
  description = "Machine type of the workers."
  type        = string
  default     = "e2-standard-4"
}

variable "processes_per_worker" {
  description = "Processes that extract and code in each worker: the cores of the machine type. About 0.5 GB each, and 2 GB at most: e2-standard-4 has 16 GB for four."
  type        = number
  default     = 4
  validation {
    condition     = var.processes_per_worker >= 1 && var.processes_per_worker <= 64
    error_message = "From 1 to 64."
  }
}

variable "threads_per_worker" {
  description = "Bundles that one worker processes at a time."
  type        = number
  default     = 8
  validation {
    condition     = var.threads_per_worker >= 1
    error_message = "At least 1."
  }
}

variable "num_workers" {
  description = "Workers at the start."
  type        = number
  default     = 1
  validation {
    condition     = var.num_workers >= 1
    error_message = "At least 1."
  }
}

variable "max_workers" {
  description = "Maximum number of workers, which limits the cost of a run."
  type        = number
  default     = 4
  validation {
    condition     = var.max_workers >= 1 && var.max_workers <= 200
    error_message = "From 1 to 200."
  }
}

variable "autoscaling" {
  description = "Whether Dataflow changes the number of workers; else it is num_workers."
  type        = bool
  default     = true
}

variable "disk_size_gb" {
  description = "Disk of a worker in GB: image and shuffled bundles."
  type        = number
  default     = 50
  validation {
    condition     = var.disk_size_gb >= 30
    error_message = "The image alone needs about 10 GB unpacked; give 30 or more."
  }
}

variable "subnetwork" {
  description = "Subnetwork of the workers, as regions/REGION/subnetworks/NAME, with Private Google Access and Cloud NAT. Empty: one is made, with both."
  type        = string
  default     = ""
}

variable "public_ips" {
  description = "Workers have public addresses. Without them they reach feeds through Cloud NAT."
  type        = bool
  default     = false
}

variable "soft_delete_days" {
  description = "Days for which a deleted or replaced file of the lake can be restored."
  type        = number
  default     = 7
  validation {
    condition     = var.soft_delete_days >= 7 && var.soft_delete_days <= 90
    error_message = "From 7 to 90."
  }
}

variable "alert_channels" {
  description = "Monitoring notification channels notified of a failed job; empty: none."
  type        = list(string)
  default     = []
}

locals {
  image = "${var.region}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.images.repository_id}/newsbeam:${var.image_version}"
  lake  = "gs://${google_storage_bucket.lake.name}/lake"
  temp  = "gs://${google_storage_bucket.temp.name}"
  tasks = {
    ingest  = { schedule = var.ingest_schedule, parameters = { task = "ingest", feeds = join(" ", var.feeds) } }
    revisit = { schedule = var.revisit_schedule, parameters = { task = "revisit" } }
  }
  parameters = {
    lake                             = local.lake
    contact                          = var.contact
    workers                          = tostring(var.processes_per_worker)
    number_of_worker_harness_threads = tostring(var.threads_per_worker)
  }
  # One worker process a machine, with a pool of processes of its own: pages then have time limits and cost only themselves.
  environment = merge(
    {
      serviceAccountEmail   = google_service_account.worker.email
      sdkContainerImage     = local.image
      machineType           = var.machine_type
      numWorkers            = var.num_workers
      maxWorkers            = var.max_workers
      diskSizeGb            = var.disk_size_gb
      autoscalingAlgorithm  = var.autoscaling ? "AUTOSCALING_ALGORITHM_BASIC" : "AUTOSCALING_ALGORITHM_NONE"
      tempLocation          = "${local.temp}/temp"
      stagingLocation       = "${local.temp}/staging"
      ipConfiguration       = var.public_ips ? "WORKER_IP_PUBLIC" : "WORKER_IP_PRIVATE"
      additionalExperiments = ["no_use_multiple_sdk_containers"]
      additionalUserLabels  = { app = "newsbeam" }
    },
    { subnetwork = var.subnetwork == "" ? google_compute_subnetwork.workers[0].self_link : var.subnetwork },
  )
  # What a worker does as itself: roles/dataflow.worker without storage.buckets.get, storage.objects.create and
  # storage.objects.get, which that role gives in all buckets of a project. The list was written from memory and never
  # applied; compare it first: gcloud iam roles describe roles/dataflow.worker
  worker_permissions = [
    "autoscaling.sites.readRecommendations",
    "autoscaling.sites.writeMetrics",
    "autoscaling.sites.writeState",
    "compute.instanceGroupManagers.update",
    "compute.instances.delete",
    "compute.instances.setDiskAutoDelete",
    "dataflow.jobs.get",
    "dataflow.shuffle.read",
    "dataflow.shuffle.write",
    "dataflow.streamingWorkItems.ImportState",
    "dataflow.streamingWorkItems.commitWork",
    "dataflow.streamingWorkItems.getData",
    "dataflow.streamingWorkItems.getWork",
    "dataflow.streamingWorkItems.getWorkerMetadata",
    "dataflow.workItems.lease",
    "dataflow.workItems.sendMessage",
    "dataflow.workItems.update",
    "logging.logEntries.create",
    "monitoring.timeSeries.create",
  ]
}

# A network of the workers' own. They have no addresses on the internet: they reach feeds through the NAT, Google through
# the private access of the subnetwork, and each other alone can reach them. Not made if you name a subnetwork of yours.
resource "google_compute_network" "workers" {
  count                   = var.subnetwork == "" ? 1 : 0
  name                    = "newsbeam"
  auto_create_subnetworks = false
  depends_on              = [google_project_service.needed]
}

resource "google_compute_subnetwork" "workers" {
  count                    = var.subnetwork == "" ? 1 : 0
  name                     = "newsbeam"
  region                   = var.region
  network                  = google_compute_network.workers[0].id
  ip_cidr_range            = "10.117.0.0/24"
  private_ip_google_access = true
}

resource "google_compute_router" "workers" {
  count   = var.subnetwork == "" ? 1 : 0
  name    = "newsbeam"
  region  = var.region
  network = google_compute_network.workers[0].id
}

resource "google_compute_router_nat" "workers" {
  count                              = var.subnetwork == "" ? 1 : 0
  name                               = "newsbeam"
  region                             = var.region
  router                             = google_compute_router.workers[0].name
  nat_ip_allocate_option             = "AUTO_ONLY"
  source_subnetwork_ip_ranges_to_nat = "ALL_SUBNETWORKS_ALL_IP_RANGES"
  # Connections of one worker at a time; Google's default of 64 is too few for feeds on hundreds of sites.
  min_ports_per_vm = 1024
}

# The ports at which Dataflow's workers exchange data; Dataflow gives its machines the tag.
resource "google_compute_firewall" "workers" {
  count       = var.subnetwork == "" ? 1 : 0
  name        = "newsbeam-workers"
  network     = google_compute_network.workers[0].id
  direction   = "INGRESS"
  source_tags = ["dataflow"]
  target_tags = ["dataflow"]
  allow {
    protocol = "tcp"
    ports    = ["12345-12346"]
  }
}

resource "google_project_service" "needed" {
  for_each           = toset(["artifactregistry", "cloudscheduler", "compute", "dataflow", "iam", "storage"])
  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false
}

resource "google_artifact_registry_repository" "images" {
  repository_id = "newsbeam"
  location      = var.region
  format        = "DOCKER"
  docker_config {
    immutable_tags = true
  }
  depends_on = [google_project_service.needed]
}

resource "google_storage_bucket" "lake" {
  name                        = var.bucket
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  soft_delete_policy {
    retention_duration_seconds = var.soft_delete_days * 86400
  }
  # What a killed writer left in staging. The next writer sweeps it; this is for a lake that nobody writes to any more.
  lifecycle_rule {
    condition {
      age            = 30
      matches_prefix = ["lake/_staging/"]
    }
    action {
      type = "Delete"
    }
  }
  lifecycle {
    prevent_destroy = true
  }
}

resource "google_storage_bucket" "temp" {
  name                        = "${var.bucket}-temp"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true
  soft_delete_policy {
    retention_duration_seconds = 0
  }
  lifecycle_rule {
    condition {
      age            = 14
      matches_prefix = ["temp/", "staging/"]
    }
    action {
      type = "Delete"
    }
  }
}

# The workers, and the launcher that makes the graph: they write the lake, read the image, and no more. The predefined
# roles/dataflow.worker would let them read, and write into, every bucket of the project.
resource "google_service_account" "worker" {
  account_id   = "newsbeam-worker"
  display_name = "newsbeam: Dataflow workers"
}

resource "google_project_iam_custom_role" "worker" {
  role_id     = "newsbeamWorker"
  title       = "newsbeam: Dataflow worker"
  description = "roles/dataflow.worker without its access to buckets, which is given bucket by bucket."
  permissions = local.worker_permissions
}

resource "google_project_iam_member" "worker" {
  project = var.project
  role    = google_project_iam_custom_role.worker.id
  member  = google_service_account.worker.member
}

resource "google_storage_bucket_iam_member" "worker_objects" {
  for_each = { lake = google_storage_bucket.lake.name, temp = google_storage_bucket.temp.name }
  bucket   = each.value
  role     = "roles/storage.objectUser"
  member   = google_service_account.worker.member
}

# Beam looks at the bucket itself of a path, which objectUser does not allow.
resource "google_storage_bucket_iam_member" "worker_buckets" {
  for_each = { lake = google_storage_bucket.lake.name, temp = google_storage_bucket.temp.name }
  bucket   = each.value
  role     = "roles/storage.legacyBucketReader"
  member   = google_service_account.worker.member
}

resource "google_artifact_registry_repository_iam_member" "worker" {
  location   = google_artifact_registry_repository.images.location
  repository = google_artifact_registry_repository.images.repository_id
  role       = "roles/artifactregistry.reader"
  member     = google_service_account.worker.member
}

# The scheduler: it starts jobs as the worker, and touches no data.
resource "google_service_account" "scheduler" {
  account_id   = "newsbeam-scheduler"
  display_name = "newsbeam: starts the Dataflow jobs"
}

resource "google_project_iam_member" "scheduler" {
  project = var.project
  role    = "roles/dataflow.developer"
  member  = google_service_account.scheduler.member
}

resource "google_service_account_iam_member" "scheduler_acts_as_worker" {
  service_account_id = google_service_account.worker.name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.scheduler.member
}

resource "google_storage_bucket_iam_member" "scheduler_reads_template" {
  bucket = google_storage_bucket.temp.name
  role   = "roles/storage.objectViewer"
  member = google_service_account.scheduler.member
}

# The template: which image, and which parameters it takes.
resource "google_storage_bucket_object" "template" {
  name         = "templates/newsbeam-${var.image_version}.json"
  bucket       = google_storage_bucket.temp.name
  content_type = "application/json"
  content = jsonencode({
    image    = local.image
    sdkInfo  = { language = "PYTHON" }
    metadata = jsondecode(file("${path.module}/../flex-template/metadata.json"))
  })
}

# A job's name is free again when it has ended, so a launch beside a running one is refused: runs do not pile up.
resource "google_cloud_scheduler_job" "task" {
  for_each         = local.tasks
  name             = "newsbeam-${each.key}"
  region           = var.region
  schedule         = each.value.schedule
  time_zone        = var.time_zone
  paused           = var.paused
  attempt_deadline = "120s"
  retry_config {
    retry_count = 1
  }
  http_target {
    http_method = "POST"
    uri         = "https://dataflow.googleapis.com/v1b3/projects/${var.project}/locations/${var.region}/flexTemplates:launch"
    headers     = { "Content-Type" = "application/json" }
    oauth_token {
      service_account_email = google_service_account.scheduler.email
      scope                 = "https://www.googleapis.com/auth/cloud-platform"
    }
    body = base64encode(jsonencode({
      launchParameter = {
        jobName              = "newsbeam-${each.key}"
        containerSpecGcsPath = "gs://${google_storage_bucket.temp.name}/${google_storage_bucket_object.template.name}"
        parameters           = merge(local.parameters, each.value.parameters)
        environment          = local.environment
      }
    }))
  }
  depends_on = [
    google_project_iam_member.worker,
    google_storage_bucket_iam_member.worker_buckets,
    google_storage_bucket_iam_member.worker_objects,
    google_artifact_registry_repository_iam_member.worker,
    google_service_account_iam_member.scheduler_acts_as_worker,
    google_compute_router_nat.workers,
  ]
}

resource "google_monitoring_alert_policy" "failed" {
  count        = length(var.alert_channels) > 0 ? 1 : 0
  display_name = "newsbeam: a job failed"
  combiner     = "OR"
  conditions {
    display_name = "Dataflow says failed"
    condition_threshold {
      filter          = "resource.type = \"dataflow_job\" AND metric.type = \"dataflow.googleapis.com/job/is_failed\" AND resource.label.job_name = starts_with(\"newsbeam-\")"
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "0s"
      aggregations {
        alignment_period   = "300s"
        per_series_aligner = "ALIGN_MAX"
      }
    }
  }
  notification_channels = var.alert_channels
}

extension ExpositionText {
    /// What runs.
    package mutating func build(version: String, commit: String) {
        family("turnout_build_info", .gauge, "Always 1; the labels say what runs.")
        sample(["version": version, "commit": commit], 1)
    }

    /// What every Prometheus client tells of its process, under the names that all use.
    package mutating func process(_ usage: ProcessUsage) {
        family("process_start_time_seconds", .gauge, "When the process started, in seconds since 1970.")
        sample(seconds: usage.startTimeSeconds)
        family("process_cpu_seconds_total", .counter, "User and system time spent.")
        sample(seconds: usage.cpuSeconds)
        family("process_resident_memory_bytes", .gauge, "Memory held.")
        sample([:], usage.residentBytes)
        family("process_open_fds", .gauge, "Open file descriptors.")
        sample([:], usage.openDescriptors)
        family("process_max_fds", .gauge, "Most file descriptors that may be open.")
        sample([:], usage.descriptorLimit)
    }
}

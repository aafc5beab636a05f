using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline.Parcels;
using Haq.Engine.Pipeline.Running;

namespace Haq.Engine.Pipeline;

/// <summary>What one run of the pipeline is asked for, beyond the manifest.</summary>
/// <param name="Manifest">The haq.yaml.</param>
/// <param name="Cache">Where the results of stages are kept.</param>
public sealed record PipelineOptions(string Manifest, StageCache Cache)
{
    /// <summary>Where the outputs go; null for the place that the manifest names.</summary>
    public string? OutputFolder { get; init; }

    /// <summary>
    /// One cell of a matrix, by the name of its target: stands in the names of outputs and lock file, so that each target of a manifest has its own. The hardware in the manifest's place is then
    /// decided for, and no trial. Null where the manifest is built as it says.
    /// </summary>
    public string? Cell { get; init; }

    /// <summary>Build from haq.lock.json without searching, and fail where it is out of date.</summary>
    public bool Locked { get; init; }

    /// <summary>Overrides the manifest's strategy.</summary>
    public string? Strategy { get; init; }

    /// <summary>Overrides the manifest's format.</summary>
    public Manifest.ExportFormat? Format { get; init; }

    /// <summary>Overrides the manifest's number of episodes.</summary>
    public int? Episodes { get; init; }

    /// <summary>Overrides the manifest's seed.</summary>
    public int? Seed { get; init; }

    /// <summary>Overrides how the manifest says that choices are scored.</summary>
    public SensitivityMethod? Sensitivity { get; init; }

    /// <summary>Overrides the manifest's hardware: a built-in name or the path of a hardware file.</summary>
    public string? Hardware { get; init; }

    /// <summary>Overrides the manifest's budget: entries as they are written there, for example <c>latency: 0.6x, size: 2 MB</c>.</summary>
    public string? Budget { get; init; }

    /// <summary>Overrides the manifest's file of a saved agent.</summary>
    public string? Agent { get; init; }

    /// <summary>Measure all that the report has room for, however long that takes; otherwise within a quarter of the build's time.</summary>
    public bool FullReport { get; init; }

    /// <summary>Allows to start the command that measures candidates on the device, where the manifest asks for that; null: no command is started.</summary>
    public DeviceAccess? Device { get; init; }

    /// <summary>Workers elsewhere that score policies; null: this process does. Results are the same.</summary>
    public IScoringPools? Workers { get; init; }

    /// <summary>A policy to use in place of a search, by layer index; made once the layers are known.</summary>
    public Func<IReadOnlyList<QuantizableLayer>, Policy>? Policy { get; init; }

    /// <summary>Threads of every computation whose result is promised to repeat; recorded in the lock file.</summary>
    public int Threads { get; init; } = Math.Min(2, Environment.ProcessorCount);
}

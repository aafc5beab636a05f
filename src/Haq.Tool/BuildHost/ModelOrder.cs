using Haq.Engine.Pipeline.Parcels;
using Haq.Engine.Pipeline.Running;

namespace Haq.Tool.BuildHost;

/// <summary>One manifest to build.</summary>
/// <param name="Manifest">Absolute path of the haq.yaml.</param>
/// <param name="OutputDirectory">Where model and reports go.</param>
/// <param name="Cache">Where results of stages are kept.</param>
/// <param name="Locked">Whether the lock file decides.</param>
/// <param name="Measure">Whether the command may be started that measures on the device.</param>
/// <param name="Strategy">A search strategy in place of the manifest's; null keeps that.</param>
/// <param name="Workers">Who scores policies elsewhere; null where the process does.</param>
internal sealed record ModelOrder(string Manifest, string OutputDirectory, StageCache Cache, bool Locked, bool Measure, string? Strategy, IScoringPools? Workers);

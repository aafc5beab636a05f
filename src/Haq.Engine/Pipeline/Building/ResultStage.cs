using Haq.Engine.Layers;
using Haq.Engine.Manifest;
using Haq.Engine.Pipeline.Probing;
using Haq.Engine.Pipeline.Running;

namespace Haq.Engine.Pipeline.Building;

/// <summary>Everything that a whole result depends on, as it was read: known without opening the model.</summary>
/// <param name="Engine">The versions of all stages.</param>
/// <param name="Read">SHA-256 of everything read, by role.</param>
/// <param name="Format">The format in force.</param>
/// <param name="Budget">Asked for in the manifest's place; null for the manifest's.</param>
/// <param name="Strategy">Asked for in the manifest's place; null for the manifest's.</param>
/// <param name="Sensitivity">Likewise.</param>
/// <param name="Episodes">Likewise.</param>
/// <param name="Seed">The seed in force.</param>
/// <param name="Threads">Of every computation whose result is promised to repeat.</param>
/// <param name="Agent">SHA-256 of the agent's file that the caller names; null where it is not there.</param>
/// <param name="Policy">The policy that the caller gives.</param>
/// <param name="Processor">Where files are measured: on which processor. Others choose otherwise.</param>
/// <param name="IsFull">The report measures everything, however long that takes.</param>
/// <param name="Locked">SHA-256 of the model that the lock file describes; null where nothing is locked.</param>
/// <param name="Device">How candidates are measured on the device; null where they are not.</param>
/// <param name="Cell">What stands in the names of the files; null where the manifest says them.</param>
/// <param name="Make">Runs the stages; false where what came of it serves this run alone.</param>
internal sealed record ResultInputs(
    string Engine, SortedDictionary<string, string> Read, ExportFormat Format, string? Budget, string? Strategy, SensitivityMethod? Sensitivity,
        int? Episodes, int Seed, int Threads, string? Agent, Policy? Policy, string? Processor, bool IsFull, string? Locked, DeviceRun? Device, string? Cell,
    [property: NoInfluence("what it reads is all of the above")] Func<string, bool> Make);

/// <summary>A whole result in one folder: model, report, policy and lock file.</summary>
internal sealed class ResultStage : CachedStage<ResultInputs, string>
{
    public override string Name => "result";

    public override int Version => StageVersions.Result;

    // What a command times is a device at this machine; another machine's has the same name and may be another one.
    public override bool IsForAll(ResultInputs inputs) => inputs.Device is null;

    public override string Run(ResultInputs inputs, StageScope scope)
    {
        if (!inputs.Make(scope.Folder)) scope.KeepForThisRun();
        return scope.Folder;
    }

    // The stages write their files there themselves.
    public override void Write(string result, string folder) => ArgumentOutOfRangeException.ThrowIfNotEqual(result, folder);

    public override string Read(ResultInputs inputs, string folder) => folder;
}

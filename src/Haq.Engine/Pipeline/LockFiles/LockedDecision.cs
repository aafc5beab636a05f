using Haq.Engine.Diagnostics;
using Haq.Engine.Pipeline.Results;
using Haq.Engine.Quantization;

namespace Haq.Engine.Pipeline.LockFiles;

/// <summary>What a lock file decided, for the model that is here.</summary>
internal static class LockedDecision
{
    /// <summary>Its choice.</summary>
    /// <exception cref="HaqException">It names other layers (HAQ0802).</exception>
    public static SearchOutcome Of(LockFile locked, QuantizableModel model, string manifest)
    {
        if (!locked.Policy.Select(l => l.Name).SequenceEqual(model.Items.Select(l => l.Name), StringComparer.Ordinal))
            throw DiagnosticCatalog.LockUnreadable.Error(manifest, "haq.lock.json names other layers than the model has. Delete it and build again.");
        return new SearchOutcome
        {
            Strategy = locked.Search.Strategy,
            Bits = [.. locked.Policy.SelectMany(l => new[] { l.Weights, l.Activations })],
            Evaluated = locked.Search.Evaluated,
            Completed = locked.Search.Completed,
            EndedIn = locked.Search.EndedIn,
            Uniform = locked.Search.Uniform,
            Regions = locked.Regions,
            Device = locked.Device,
            NothingToMeasure = locked.NothingToMeasure,
            Mending = locked.Mending,
        };
    }
}

using System.Collections.Immutable;
using Haq.Engine.Hardware.Measured;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>A piece of hardware that a network can be priced on. Immutable; safe to share between threads.</summary>
/// <param name="Name">What the user calls it.</param>
/// <param name="Kind">The kind of model, as in the hardware file.</param>
/// <param name="Model">Answers what a layer costs.</param>
/// <param name="Bits">What it computes with.</param>
/// <param name="Batch">Images at a time unless the user says otherwise.</param>
/// <param name="Provenance">Where the figures come from and how far they are confirmed.</param>
/// <param name="Parameters">Every parameter as read, defaults included, in the kind's order.</param>
/// <param name="Digest">SHA-256 of the hardware file and the files that it names.</param>
public sealed record HardwareTarget(
    string Name, string Kind, ICostModel Model, SupportedBits Bits, int Batch, string Provenance, ImmutableArray<HardwareParameter> Parameters, string Digest)
{
    /// <summary>A sum of a layer's result and another tensor is part of the layer: what goes into it is in the accumulator and has no width.</summary>
    public bool FusesResiduals { get; init; }

    /// <summary>Sums, concatenations and averages between layers must be of integers, too.</summary>
    public bool NeedsIntegers { get; init; }

    /// <summary>What the processor beside it takes for layers in floating point and for what the toolchain leaves to it; null where the file says nothing of one.</summary>
    public HostCosts? Host { get; init; }

    /// <summary>The toolchain that files for it are written for, by name or absolute path; null where it says none.</summary>
    public string? Dialect { get; init; }

    /// <summary>How far off its latency has to be expected; null where nobody has found out.</summary>
    public ExpectedError? ExpectedError { get; init; }

    /// <summary>The command that measures a model file on the device, with <c>{}</c> for the file; null where there is none.</summary>
    public string? Run { get; init; }

    /// <summary>Where <see cref="Run"/> ends in a shell on the device: what to start there; null for the usual runner.</summary>
    public string? Runner { get; init; }

    /// <summary>Where <see cref="Run"/> ends in a shell on the device: the folder there; null for one of its own.</summary>
    public string? Remote { get; init; }

    /// <summary>The files that it was read from, absolute; none where it is built in.</summary>
    public ImmutableArray<string> Files { get; init; } = [];

    /// <summary>What its figures leave out or take for granted, one sentence each.</summary>
    public IEnumerable<string> Assumptions => Host is null ? Model.Assumptions : Model.Assumptions.Append(Host.Describe());

    /// <summary>Batches other than <see cref="Batch"/> cannot be priced, because the figures were measured with that one.</summary>
    public bool IsBatchFixed => Model.IsByName;

    /// <summary>Each layer must be timed on this machine before anything can be priced.</summary>
    public bool NeedsMeasuring => Model is UnmeasuredModel;

    /// <summary>This target with figures that were measured on this machine.</summary>
    /// <param name="entries">By layer name, for every legal pair.</param>
    /// <param name="device">What was measured.</param>
    /// <param name="batch">Images at a time.</param>
    public HardwareTarget WithMeasurements(IEnumerable<MeasuredEntry> entries, string device, int batch) =>
        this with { Model = new TableModel(new MeasuredTable(entries), interpolates: false, Name, device), Batch = batch };

    /// <summary>Performance that the memory and the array allow, by operational intensity; null where the target does not know its peak.</summary>
    public Roofline? RooflineOf(in LayerCost cost, LayerShape shape, int batch, LayerBits bits)
    {
        if (shape.IsTensor || (Host is not null && bits.Activations.IsFloat) || Bits.RoundUp(bits) is not { } computed) return null;
        if (Model.PeakMacsPerSecond(computed) is not { } peak || Model.BandwidthBitsPerSecond is not { } bandwidth) return null;
        return Roofline.Of((double)shape.Macs * batch, cost, peak, bandwidth);
    }

    /// <summary>A sentence when some of the policy's widths are computed wider than they are stored; otherwise null.</summary>
    public string? RoundingNote(Policy policy)
    {
        var rounded = policy.Bits.ToArray().Where(b => !Bits.Contains(b) && !b.Activations.IsFloat).Distinct()
            .OrderBy(b => b.Weights).ThenBy(b => b.Activations).ToArray();
        string real = !Bits.HasFloat && policy.Bits.ToArray().Any(b => b.Activations.IsFloat)
            ? $"{Name} has no figure for floating point: layers that stay in it cost at least {Bits.Widest} moved as 32 bits, and are priced so." : "";
        if (rounded.Length == 0) return real.Length > 0 ? real : null;
        string list = string.Join(", ", rounded.Select(b => $"{b} as {Bits.RoundUp(b)?.ToString() ?? "nothing"}"));
        return $"{Name} computes with {Bits}: rounded up for compute, stored as they are: {list}.{(real.Length > 0 ? " " + real : "")}";
    }
}

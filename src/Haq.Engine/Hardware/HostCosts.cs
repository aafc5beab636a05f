using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware;

/// <summary>
/// What the processor beside an accelerator takes for what the accelerator leaves to it: the work in floating point, and every tensor that is moved to it or back, as 32-bit reals.
/// </summary>
/// <param name="MacsPerSecond">Multiply-accumulates of layers.</param>
/// <param name="NumbersPerSecond">Numbers that other operators read and write.</param>
/// <param name="BytesPerSecond">Of a transfer, in either direction.</param>
/// <param name="TransferSeconds">Before the first byte of a transfer arrives.</param>
/// <param name="OperationPicojoules">A multiply-accumulate, or a number that another operator reads or writes; null where the target has no energy model.</param>
/// <param name="TransferPicojoulesPerBit">A bit of a transfer; null as above.</param>
public sealed record HostCosts(
    double MacsPerSecond, double NumbersPerSecond, double BytesPerSecond, double TransferSeconds, double? OperationPicojoules, double? TransferPicojoulesPerBit)
{
    private const string Macs = "gmacs_per_second", Numbers = "gelements_per_second", Bandwidth = "transfer_gb_per_second", Start = "transfer_us",
        OperationEnergy = "operation_pj", TransferEnergy = "transfer_pj_per_bit";

    private const double Giga = 1e9, Micro = 1e-6, Most = 1e9;

    private const int BytesPerReal = 4, BitsPerByte = 8;

    private static readonly ImmutableArray<HardwareKey> s_keys =
    [
        HardwareKey.Number(Macs, "multiply-accumulates of layers in floating point on the host", 1e-6, Most, "1e9/s"),
        HardwareKey.Number(Numbers, "numbers that other operators read and write there", 1e-6, Most, "1e9/s"),
        HardwareKey.Number(Bandwidth, "bytes between host and accelerator, either way", 1e-6, Most, "GB/s"),
        HardwareKey.Number(Start, "what a transfer takes before its first byte: call, synchronization, flushed caches", 0, Most, "us"),
        HardwareKey.Number(OperationEnergy, "one multiply-accumulate, or one number read or written, on the host", 0, 1e6, "pJ") with { IsOptional = true },
        HardwareKey.Number(TransferEnergy, "one bit between host and accelerator", 0, 1e6, "pJ") with { IsOptional = true },
    ];

    /// <summary>The optional section of a hardware file.</summary>
    internal static HardwareKey Section { get; } = HardwareKey.Mapping(
        "host", $"the processor that computes what the target leaves to it: {string.Join(", ", s_keys.Select(k => k.Name))}; absent: layers in floating point have no figure");

    /// <summary>The section's own keys.</summary>
    internal static ImmutableArray<HardwareKey> SectionKeys => s_keys;

    /// <summary>Reads the section.</summary>
    /// <exception cref="HaqException">The target has an energy model and the section does not, or the other way round (HAQ0003); the target computes in floating point itself (HAQ0004).</exception>
    internal static HostCosts? Read(HardwareDocument file, ICostModel model, SupportedBits bits)
    {
        if (file.Find(Section.Name) is not { } at || file.Section(Section.Name, s_keys) is not { } section) return null;
        if (bits.HasFloat)
        {
            throw DiagnosticCatalog.InvalidValue.Error(at.Location,
                "'host' prices layers in floating point, and 'bits' says that the target computes them itself. Take w32a32 out of 'bits', or remove 'host'.");
        }
        double? operation = Optional(OperationEnergy), transfer = Optional(TransferEnergy);
        foreach (var (key, value) in ((string, double?)[])[(OperationEnergy, operation), (TransferEnergy, transfer)])
        {
            if (value is null == !model.HasEnergy) continue;
            throw DiagnosticCatalog.MissingKey.Error(at.Location, model.HasEnergy ? $"'host' needs '{key}': the target has an energy model, so what the host spends counts, too."
                : $"'host' has '{key}', but the target has no energy model. Give it one with 'energy', or remove '{key}'.");
        }
        var costs = new HostCosts(section.Number(Macs) * Giga, section.Number(Numbers) * Giga, section.Number(Bandwidth) * Giga, section.Number(Start) * Micro, operation, transfer);
        file.Remember(Section.Name, section);
        return costs;

        double? Optional(string key) => section.Find(key) is null ? null : section.Number(key);
    }

    /// <summary>A layer computed on the host.</summary>
    internal LayerCost Layer(LayerShape shape, int batch) => Of(checked(shape.Macs * batch), MacsPerSecond);

    /// <summary>Numbers that operators other than layers read and write on the host.</summary>
    internal LayerCost Work(long numbers, int batch) => Of(checked(numbers * batch), NumbersPerSecond);

    /// <summary>A tensor moved once.</summary>
    internal LayerCost Transfer(long numbers, int batch)
    {
        long bytes = checked(numbers * batch * BytesPerReal);
        return new LayerCost(0, TransferSeconds + bytes / BytesPerSecond, TransferPicojoulesPerBit is { } pj ? new Energy(0, 0, (double)bytes * BitsPerByte * pj, 0) : null, default, default, 0);
    }

    /// <summary>What is taken for granted, in a sentence.</summary>
    public string Describe() => string.Create(CultureInfo.InvariantCulture,
        $"Layers in floating point, and what the toolchain leaves to the host, take the host's time ({MacsPerSecond / Giga:0.###} GMAC/s), ")
        + string.Create(CultureInfo.InvariantCulture, $"and every tensor between both {TransferSeconds / Micro:0.###} us and its 32-bit reals at {BytesPerSecond / Giga:0.###} GB/s.");

    private LayerCost Of(long operations, double perSecond) =>
        new(0, operations / perSecond, OperationPicojoules is { } pj ? new Energy(operations * pj, 0, 0, 0) : null, default, default, 0);
}

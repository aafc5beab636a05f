using System.Collections.Immutable;
using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware.Measured;
using Haq.Engine.Layers;

namespace Haq.Engine.Hardware.Probes;

/// <summary>What a bundle's times come to: a hardware file and its table.</summary>
public sealed record ProbeImport
{
    /// <summary>The end of the hardware file's name, and of its table's.</summary>
    public const string HardwareEnd = ".hardware.yaml", TableEnd = ".hardware.csv";

    /// <summary>The hardware file's text.</summary>
    public required string Hardware { get; init; }

    /// <summary>The table's text.</summary>
    public required string Table { get; init; }

    /// <summary>What was measured.</summary>
    public required string Device { get; init; }

    /// <summary>Number of probes.</summary>
    public required int Probes { get; init; }

    /// <summary>Quartiles of a probe's runs, relative to its time, in the median over probes; null where no spread is known.</summary>
    public required double? Spread { get; init; }

    /// <summary>Seconds that every run takes.</summary>
    public required double Overhead { get; init; }

    /// <summary>By pair of widths: the uniform network over the sum of its layers.</summary>
    public required ImmutableSortedDictionary<string, double> Scales { get; init; }

    /// <summary>What a change of width takes in a network, over what it takes alone.</summary>
    public required double ConvertScale { get; init; }

    /// <summary>Whole networks: measured, and as the table adds them up.</summary>
    public required ImmutableArray<PolicyPrediction> Policies { get; init; }

    /// <summary>How far off predictions of whole networks are, relative: the root mean square over networks that the fit had not seen.</summary>
    public required double ExpectedError { get; init; }

    /// <summary>Energies came with the times.</summary>
    public required bool HasEnergy { get; init; }

    /// <summary>What looks wrong.</summary>
    public required ImmutableArray<Diagnostic> Doubts { get; init; }

    /// <summary>Turns a bundle's times into a hardware file.</summary>
    /// <param name="bundle">What was measured.</param>
    /// <param name="times">The times.</param>
    /// <param name="options">Names.</param>
    /// <exception cref="HaqException">Probes are missing (HAQ0232), or of another bundle (HAQ0234).</exception>
    public static ProbeImport Of(ProbeBundle bundle, TimesFile times, ProbeImportOptions options)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        ArgumentNullException.ThrowIfNull(times);
        ArgumentNullException.ThrowIfNull(options);
        var byName = TimesCheck.Complete(bundle, times, options.TimesPath);
        var (fit, energy) = (TimesFit.OfSeconds(bundle, byName), TimesFit.OfJoules(bundle, byName));
        var doubts = TimesCheck.Doubts(bundle, byName, options.TimesPath).ToList();
        int energies = bundle.Probes.Count(p => byName[p.Name].Joules is not null);
        if (energy is null && energies > 0)
        {
            doubts.Add(DiagnosticCatalog.EnergiesIncomplete.At(new SourceLocation(options.TimesPath), $"{energies} of {bundle.Probes.Length} probes have an energy above 0, and a table needs all of them: "
                + "it is written without. Give the energy of every probe in joules, or of none."));
        }
        double[] spreads = [.. byName.Values.Where(t => t.Spread is not null).Select(t => t.Spread!.Value / t.Seconds).Order()];
        string device = options.Device ?? times.Device ?? "a device that was not named";
        var import = new ProbeImport
        {
            Hardware = "",
            Table = "",
            Device = device,
            Probes = bundle.Probes.Length,
            Spread = spreads.Length == 0 ? null : spreads[spreads.Length / 2],
            Overhead = fit.Overhead,
            Scales = fit.Scales.ToImmutableSortedDictionary(StringComparer.Ordinal),
            ConvertScale = fit.ConvertScale,
            Policies = [.. Predictions(bundle, fit, byName)],
            ExpectedError = fit.ExpectedError,
            HasEnergy = energy is not null,
            Doubts = [.. doubts],
        };
        string[] remarks = [.. import.Remarks(bundle, options)];
        return import with
        {
            Table = MeasuredCsv.Write(TimesFit.Entries(fit, energy), remarks),
            Hardware = ProbeHardwareFile.Write(import, bundle, options),
        };
    }

    private static IEnumerable<PolicyPrediction> Predictions(ProbeBundle bundle, TimesFit fit, Dictionary<string, ProbeTime> times)
    {
        int mixed = 0;
        foreach (var policy in bundle.Policies)
            yield return new PolicyPrediction(policy.Probe, times[policy.Probe].Seconds, fit.Predict(policy), policy.IsUniform ? null : fit.HeldOut[mixed++]);
    }

    private IEnumerable<string> Remarks(ProbeBundle bundle, ProbeImportOptions options)
    {
        yield return $"{bundle.Model} ({bundle.ModelDigest[..Math.Min(12, bundle.ModelDigest.Length)]}) on {Device}, {options.Measured}, batch {bundle.Batch}: {Probes} probes.";
        yield return string.Create(CultureInfo.InvariantCulture, $"Corrected by whole networks: {Overhead * 1e6:0.###} us a run taken off; {string.Join(", ", Scales.Select(s => string.Create(
            CultureInfo.InvariantCulture, $"{s.Key} layers x {s.Value:0.###}")))}; changes of width x {ConvertScale:0.###}.");
        yield return "The first layer has what every run takes. A layer has what follows it, up to the next layers.";
    }
}

/// <summary>What an import calls things.</summary>
/// <param name="Name">The target's name.</param>
/// <param name="TimesPath">The file of times, for errors.</param>
/// <param name="TableFile">The table's file name, as the hardware file refers to it.</param>
/// <param name="Measured">The day of the measurement.</param>
public sealed record ProbeImportOptions(string Name, string TimesPath, string TableFile, string Measured)
{
    /// <summary>What was measured, where the file of times does not say or is not to be asked.</summary>
    public string? Device { get; init; }

    /// <summary>The command that measures a file on the device; null where there is none.</summary>
    public string? Run { get; init; }

    /// <summary>Where that ends in a shell there: what is started in it; null where there is none.</summary>
    public string? Runner { get; init; }

    /// <summary>Where that ends in a shell on the device: the folder there; null for one of its own.</summary>
    public string? Remote { get; init; }
}

/// <summary>A whole network in the measurement and in the table.</summary>
/// <param name="Probe">Its probe.</param>
/// <param name="MeasuredSeconds">What it took.</param>
/// <param name="PredictedSeconds">What the table says.</param>
/// <param name="HeldOutError">The relative error of a fit that had not seen it; null for uniform ones, which the fit meets.</param>
public sealed record PolicyPrediction(string Probe, double MeasuredSeconds, double PredictedSeconds, double? HeldOutError);

using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Devices;
using Haq.Engine.Hardware.Probes;

namespace Haq.Engine.Pipeline.Probing;

/// <summary>Measures a bundle's probes by a command that is run for each of them, and leaves out what has a time.</summary>
public static class BundleRun
{
    // What a probe takes longer at the end than at the start, before the device is called unsteady.
    private const double MostDrift = 0.2;

    /// <summary>Measures what has no time yet, and the first network once more at the end.</summary>
    /// <param name="folder">The bundle's.</param>
    /// <param name="command">Measures a file.</param>
    /// <param name="device">What is measured.</param>
    /// <param name="progress">Told what is being measured.</param>
    /// <param name="cancellation">Ends it; what was measured is kept.</param>
    /// <returns>What looks wrong.</returns>
    /// <exception cref="HaqException">The command fails (HAQ0235); what was measured until then is kept.</exception>
    public static ImmutableArray<Diagnostic> Run(string folder, DeviceCommand command, string device, IProgress<PipelineProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(command);
        var bundle = ProbeBundle.Read(folder);
        var journal = new TimesJournal(Path.Combine(folder, TimesFile.FileName), device);
        var open = bundle.Probes.Where(p => !journal.Has(p.Name)).ToArray();
        var clock = Stopwatch.StartNew();
        ProbeTime? first = null;
        for (int i = 0; i < open.Length; i++)
        {
            TimeSpan? left = i > 0 ? clock.Elapsed / i * (open.Length - i) : null;
            progress?.Report(new PipelineProgress("measure", $"{open[i].Name} ({journal.Count + 1} of {bundle.Probes.Length})", (double)journal.Count / bundle.Probes.Length, left));
            var time = Measure(folder, open[i], command, journal.Count, bundle.Probes.Length, cancellation);
            journal.Add(time);
            if (first is null && open[i].Kind == ProbeKind.Policy) first = time;
        }
        if (first is not { } before || open.Length < 2) return [];
        progress?.Report(new PipelineProgress("measure", $"{before.Probe} again, to see whether the device is as fast as it was"));
        var after = command.Measure(Path.Combine(folder, bundle.Probes.Single(p => p.Name == before.Probe).File), cancellation);
        double drift = after.Seconds / before.Seconds - 1;
        if (Math.Abs(drift) <= MostDrift) return [];
        return [DiagnosticCatalog.DeviceUnsteady.At(new SourceLocation(Path.Combine(folder, TimesFile.FileName)), string.Create(CultureInfo.InvariantCulture,
            $"'{before.Probe}' took {before.Seconds * 1e3:0.###} ms at the start and {after.Seconds * 1e3:0.###} ms at the end, {Math.Abs(drift) * 100:0} % {(drift > 0 ? "more" : "less")}. "
            + $"The device slows down when it is hot, or was busy: cool it, fix its clock, and measure again (remove {TimesFile.FileName} first)."))];
    }

    private static ProbeTime Measure(string folder, Probe probe, DeviceCommand command, int done, int all, CancellationToken cancellation)
    {
        try
        {
            return command.Measure(Path.Combine(folder, probe.File), cancellation);
        }
        catch (HaqException e) when (e.Diagnostic.Descriptor == DiagnosticCatalog.DeviceFailed)
        {
            throw DiagnosticCatalog.DeviceFailed.Error((SourceLocation?)null, $"{e.Diagnostic.Message.TrimEnd('.')}. {done} of {all} probes are measured and kept: mend the cause, and the same command goes on from there.", e);
        }
    }
}

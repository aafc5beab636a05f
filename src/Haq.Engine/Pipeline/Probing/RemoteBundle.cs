using System.Collections.Immutable;
using System.Formats.Tar;
using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Devices;
using Haq.Engine.Hardware.Probes;
using Haq.Engine.Onnx;

namespace Haq.Engine.Pipeline.Probing;

/// <summary>
/// Measures a bundle on another machine: copies what is not there yet, starts a runner there and takes its times as it prints them, fetches those that were missed, and goes on after a cut
/// connection.
/// </summary>
/// <param name="shell">Has the other machine run a command line.</param>
/// <param name="options">Where and how.</param>
public sealed class RemoteBundle(CommandTemplate shell, RemoteOptions options)
{
    private const string RoundFile = "round.txt";

    private static readonly TimeSpan s_short = TimeSpan.FromMinutes(2), s_long = TimeSpan.FromHours(24), s_shortPause = TimeSpan.FromSeconds(1);

    /// <summary>Measures what has no time yet.</summary>
    /// <param name="folder">The bundle's.</param>
    /// <param name="device">What is measured.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <param name="cancellation">Ends it; what was measured is kept.</param>
    /// <exception cref="HaqException">The other machine cannot be reached or its runner fails (HAQ0235); what was measured until then is kept.</exception>
    public void Run(string folder, string device, IProgress<PipelineProgress>? progress = null, CancellationToken cancellation = default)
    {
        var bundle = ProbeBundle.Read(folder);
        var journal = new TimesJournal(Path.Combine(folder, TimesFile.FileName), device);
        if (Measure(folder, $"haq-measure-{bundle.ModelDigest[..8]}", bundle.Probes, journal, progress, cancellation) is not { } what) return;
        throw DiagnosticCatalog.DeviceFailed.Error((SourceLocation?)null,
            $"{what}. {journal.Count} of {bundle.Probes.Length} probes are measured and kept: mend the cause, and the same command goes on from there.");
    }

    /// <summary>The same for probes that are no network's bundle; what went wrong in the end, or null.</summary>
    internal string? Measure(string folder, string usualFolder, ImmutableArray<Probe> probes, TimesJournal journal, IProgress<PipelineProgress>? progress, CancellationToken cancellation)
    {
        string remote = options.Folder ?? usualFolder;
        for (int attempt = 0; ; attempt++)
        {
            if (probes.All(p => journal.Has(p.Name))) return null;
            int before = journal.Count;
            var failed = Try(folder, remote, probes, journal, progress, cancellation);
            if (failed is null && probes.All(p => journal.Has(p.Name))) return null;
            string what = failed ?? $"the runner ended without an error, and {probes.Count(p => !journal.Has(p.Name))} probes have no time";
            // As long as it gets on, it goes on.
            bool getsOn = journal.Count > before;
            if (getsOn) attempt = -1;
            if (attempt + 1 >= options.Attempts) return what;
            progress?.Report(new PipelineProgress("measure", $"{what}: once more"));
            if (cancellation.WaitHandle.WaitOne(getsOn && options.Pause > s_shortPause ? s_shortPause : options.Pause)) cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>
    /// Removes what was copied: the whole folder where it was made for these probes, otherwise the files that are theirs. What kept it from doing so, or null.
    /// </summary>
    internal string? Clear(string folder, string usualFolder, ImmutableArray<Probe> probes, CancellationToken cancellation)
    {
        string at = CommandTemplate.QuotedThere(options.Folder ?? usualFolder);
        // Runners stay: they are the same for whatever is measured in that folder.
        var files = Files(folder, probes).Where(f => f == ProbeBundle.FileName || !f.StartsWith("measure.", StringComparison.Ordinal)).Append(TimesFile.FileName).Distinct();
        string line = options.Folder is null ? $"rm -rf {at}" : $"cd {at} && rm -f {RoundFile} {string.Join(' ', files.Select(CommandTemplate.QuotedThere))}";
        var run = ShellRun.Of(shell.Running(line), s_short, cancellation: cancellation, folder: options.Here);
        return run.Status == 0 ? null : $"what was copied to the device is still there: {run.Complaint}";
    }

    /// <summary>Copies a bundle by a command, <c>{}</c> being its folder here.</summary>
    /// <exception cref="HaqException">The command fails (HAQ0235).</exception>
    public static void Copy(CommandTemplate command, string folder, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(command);
        string line = command.For(Path.GetFullPath(folder));
        var run = ShellRun.Of(line, s_long, cancellation: cancellation);
        if (run.Status != 0) throw DiagnosticCatalog.DeviceFailed.Error((SourceLocation?)null, $"'{line}' ended with status {run.Status}: {run.Complaint}. Mend the cause, and run again.");
    }

    // What went wrong, or null.
    private string? Try(string folder, string remote, ImmutableArray<Probe> probes, TimesJournal journal, IProgress<PipelineProgress>? progress, CancellationToken cancellation)
    {
        string at = CommandTemplate.QuotedThere(remote);
        string? refused = null;
        var known = probes.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        if (options.Round is { } round && Begin(at, round, cancellation) is { } unreachable) return unreachable;
        // What an earlier try measured and could not say comes first: copying writes over it.
        Fetch();
        if (options.Copies && Send(folder, remote, probes, progress, cancellation) is { } failed) return failed;
        progress?.Report(new PipelineProgress("measure", options.Runner));
        var run = ShellRun.Of(shell.Running($"cd {at} && {options.Runner}"), s_long, onLine: Take, cancellation: cancellation, folder: options.Here, idle: options.Idle);
        Fetch();
        if (refused is not null) return $"the runner gave a time that is none: {refused}";
        if (run.WentQuiet) return string.Create(CultureInfo.InvariantCulture, $"'{options.Runner}' on the device printed no line for {options.Idle.TotalSeconds:0} s and was ended");
        return run.Status == 0 ? null : $"'{options.Runner}' on the device ended with status {run.Status}: {run.Complaint}";

        void Fetch()
        {
            var fetched = ShellRun.Of(shell.Running($"cat {at}/{TimesFile.FileName} || true"), s_short, cancellation: cancellation, folder: options.Here);
            foreach (string line in fetched.Output.Split('\n')) Take(line);
        }

        void Take(string line)
        {
            string probe = TimesFile.NameOf(line.Split(',')[0].Trim());
            if (!known.Contains(probe) || TimeOutput.Find(probe, line) is not { } time || journal.Has(probe)) return;
            if (TimesFile.Objection(time) is { } wrong)
            {
                refused = wrong;
                return;
            }
            journal.Add(time);
            progress?.Report(new PipelineProgress("measure", $"{probe} ({journal.Count} of {probes.Length})", (double)journal.Count / probes.Length));
        }
    }

    // Times there are of one round: those of another make room, and so do files of other networks, which have the same names where the policies are the same.
    private string? Begin(string at, string round, CancellationToken cancellation)
    {
        string loop = round[..round.LastIndexOf('-')];
        string line = $"mkdir -p {at} && cd {at} && {{ grep -qs ^{loop}- {RoundFile} || rm -f probes/{FileRounds.Prefix}*; }} && "
            + $"{{ grep -qsx {round} {RoundFile} || {{ rm -f {TimesFile.FileName} && echo {round} >{RoundFile}; }}; }}";
        var begun = ShellRun.Of(shell.Running(line), s_short, cancellation: cancellation, folder: options.Here);
        return begun.Status == 0 ? null : $"'{shell.Text}' ended with status {begun.Status}: {begun.Complaint}";
    }

    private string? Send(string folder, string remote, ImmutableArray<Probe> probes, IProgress<PipelineProgress>? progress, CancellationToken cancellation)
    {
        string at = CommandTemplate.QuotedThere(remote);
        progress?.Report(new PipelineProgress("copy", "what is there already"));
        // Names are digests: a file of the same name and size is the same file.
        var listed = ShellRun.Of(shell.Running($"mkdir -p {at} && cd {at} && find . -type f -exec wc -c {{}} \\;"), s_short, cancellation: cancellation, folder: options.Here);
        if (listed.Status != 0) return $"'{shell.Text}' ended with status {listed.Status}: {listed.Complaint}";
        var there = Sizes(listed.Output);
        string[] files = [.. Files(folder, probes).Where(f => !there.TryGetValue(f, out long size) || size != new FileInfo(Path.Combine(folder, f)).Length)];
        if (files.Length == 0) return null;
        progress?.Report(new PipelineProgress("copy", $"{files.Length} files to {remote}"));
        var copied = ShellRun.Of(shell.Running($"cd {at} && tar -xf -"), s_long, stream => Pack(folder, files, stream), cancellation: cancellation, folder: options.Here);
        return copied.Status == 0 ? null : $"copying to '{remote}' ended with status {copied.Status}: {copied.Complaint}";
    }

    private static IEnumerable<string> Files(string folder, ImmutableArray<Probe> probes)
    {
        string[] beside = [ProbeBundle.FileName, TimesFile.FileName, "measure.py", "measure.sh"];
        return beside.Concat(probes.SelectMany(p => p.Inputs.Select(i => i.File).Append(p.File).Append(p.File + ModelSaveOptions.DataSuffix)))
            .Distinct(StringComparer.Ordinal).Where(f => File.Exists(Path.Combine(folder, f)));
    }

    private static Dictionary<string, long> Sizes(string listing)
    {
        var sizes = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (string line in listing.Split('\n'))
        {
            string[] words = line.Split(' ', 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (words.Length != 2 || !words[1].StartsWith("./", StringComparison.Ordinal)) continue;
            if (long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out long size)) sizes[words[1][2..]] = size;
        }
        return sizes;
    }

    private static void Pack(string folder, string[] files, Stream stream)
    {
        using var tar = new TarWriter(stream, TarEntryFormat.Ustar);
        foreach (string file in files) tar.WriteEntry(Path.Combine(folder, file), file);
    }
}

/// <summary>Where and how a bundle is measured on another machine.</summary>
public sealed record RemoteOptions
{
    /// <summary>The command that starts a runner, in the bundle's folder there.</summary>
    public string Runner { get; init; } = "python3 measure.py";

    /// <summary>The bundle's folder there; null for one of its own in the user's home.</summary>
    public string? Folder { get; init; }

    /// <summary>Copy the bundle through the shell; otherwise it is there already.</summary>
    public bool Copies { get; init; } = true;

    /// <summary>How long a runner may take without printing a line: runners print each time as it comes.</summary>
    public TimeSpan Idle { get; init; } = DeviceCommand.UsualTimeout;

    /// <summary>Where commands run here; null for this process's own folder.</summary>
    internal string? Here { get; init; }

    /// <summary>Which of several rounds this is: times that are there of another one are removed; null where there is one alone.</summary>
    internal string? Round { get; init; }

    /// <summary>How often to try without getting on before giving up.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>How long to wait before another try.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(5);
}

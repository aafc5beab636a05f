using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Devices;
using Haq.Engine.Hardware.Probes;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Pipeline.Results;

namespace Haq.Engine.Pipeline.Probing;

/// <summary>
/// Times a few whole files on a device in rounds, in each of which every file has its turn, so that a device that gets slower is slower for all of them. What was measured stays in the folder: a
/// run that was cut off goes on where it was.
/// </summary>
/// <param name="folder">Holds <c>probes/</c>; survives a kill.</param>
/// <param name="name">Of these files alone: a folder on the device is called so.</param>
/// <param name="run">How they are timed.</param>
/// <param name="rounds">How often each is timed.</param>
/// <param name="at">What asks for it, for errors.</param>
internal sealed class FileRounds(string folder, string name, DeviceRun run, int rounds, SourceLocation at)
{
    /// <summary>What the names of files that are timed so begin with.</summary>
    public const string Prefix = "candidate-";

    private readonly string _times = Path.Combine(folder, TimesFile.FileName);

    /// <summary>How long to wait before a board is asked once more.</summary>
    public TimeSpan Pause { get; init; } = new RemoteOptions().Pause;

    /// <summary>The times of every file, in the order given.</summary>
    /// <exception cref="HaqException">The command fails (HAQ0235) or cannot be used (HAQ0236); what was measured until then is kept.</exception>
    public DeviceTimes Measure(ImmutableArray<Probe> files, IProgress<PipelineProgress> progress, CancellationToken cancellation)
    {
        var command = CommandTemplate.Parse(run.Command, "run:", at);
        if (command.TakesCommand)
        {
            BundleFolder.WriteRunners(folder);
            AtomicFile.Write(Path.Combine(folder, ProbeBundle.FileName), Encoding.UTF8.GetBytes(ProbeBundle.ListOf(files)));
        }
        for (int round = 0; round < rounds; round++)
        {
            if (File.Exists(RoundFile(round))) continue;
            var journal = new TimesJournal(_times, CommandName.Of(command));
            string? wrong = command.TakesCommand ? Remote(command, files, round, journal, progress, cancellation) : Local(command, files, round, journal, progress, cancellation);
            if (wrong is not null) throw Failed(wrong, round * files.Length + journal.Count, rounds * files.Length);
            File.Move(_times, RoundFile(round));
        }
        if (command.TakesCommand && Bundle(command, "").Clear(folder, name, files, cancellation) is { } left) progress.Report(new PipelineProgress("device", left));
        var all = Enumerable.Range(0, rounds).Select(r => TimesFile.Read(RoundFile(r)).Times.ToDictionary(t => t.Probe, StringComparer.Ordinal)).ToArray();
        return new DeviceTimes([.. files.Select(f => TimeOf([.. all.Select(round => round[f.Name])]))]);
    }

    private static DeviceTime TimeOf(ProbeTime[] times) => new([.. times.Select(t => t.Seconds)], times.All(t => t.Joules is not null) ? times.Average(t => t.Joules) : null);

    // What went wrong, or null.
    private string? Local(CommandTemplate command, ImmutableArray<Probe> files, int round, TimesJournal journal, IProgress<PipelineProgress> progress, CancellationToken cancellation)
    {
        var once = new DeviceCommand(command, repeats: 1, DeviceCommand.UsualTimeout) { Folder = run.Folder };
        try
        {
            for (int i = 0; i < files.Length; i++)
            {
                if (journal.Has(files[i].Name)) continue;
                progress.Report(At(files, round, i));
                journal.Add(once.Measure(Path.Combine(folder, files[i].File), cancellation));
            }
            return null;
        }
        catch (HaqException e) when (e.Diagnostic.Descriptor == DiagnosticCatalog.DeviceFailed)
        {
            return e.Diagnostic.Message.TrimEnd('.');
        }
    }

    private string? Remote(CommandTemplate shell, ImmutableArray<Probe> files, int round, TimesJournal journal, IProgress<PipelineProgress> progress, CancellationToken cancellation)
    {
        progress.Report(At(files, round, 0));
        return Bundle(shell, string.Create(CultureInfo.InvariantCulture, $"{name}-{round + 1}")).Measure(folder, name, files, journal, progress, cancellation);
    }

    private RemoteBundle Bundle(CommandTemplate shell, string round) => new(shell, new RemoteOptions { Runner = run.Runner, Folder = run.Remote, Here = run.Folder, Round = round, Pause = Pause });

    private HaqException Failed(string what, int done, int all) => DiagnosticCatalog.DeviceFailed.Error(at,
        $"{what}. {done} of {all} measurements are kept: mend the cause, and the same build goes on from there. haq.lock.json and what was built before stay as they are.");

    private PipelineProgress At(ImmutableArray<Probe> files, int round, int index) =>
        new("device", $"candidate {index + 1} of {files.Length}, round {round + 1} of {rounds}", (round * files.Length + index) / (double)(rounds * files.Length));

    private string RoundFile(int round) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"round-{round + 1}.csv"));
}

using System.Reflection;
using System.Text;
using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware.Probes;
using Haq.Engine.Pipeline.Outputs;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Probing;

/// <summary>A bundle's folder: what stands in it besides the probes, and what is kept when it is written again.</summary>
internal sealed class BundleFolder
{
    private const string Prefix = "runners/", RuntimeVersion = "ORT_VERSION", KeptFile = "times.old.csv";

    // By resource: where it goes.
    private static readonly (string Resource, string File)[] s_runners =
    [
        ("measure.py", "measure.py"), ("measure.sh", "measure.sh"), ("README.txt", "RUNNERS.md"),
        ("program.txt", "runner/Program.txt"), ("project.txt", "runner/Runner.csproj"), ("props.txt", "runner/Directory.Build.props"),
    ];

    // What a bundle that was cut off before its list was written has left.
    private static readonly string[] s_unfinished = ["probes", "inputs"];

    private readonly string _folder;
    private readonly ProbeBundle? _before;

    public BundleFolder(string folder)
    {
        _folder = folder;
        _before = File.Exists(Path.Combine(folder, ProbeBundle.FileName)) ? ProbeBundle.Read(folder) : null;
    }

    /// <exception cref="HaqException">The folder holds the bundle of another model, or files and no bundle (HAQ0234).</exception>
    public void RequireFor(string digest, string model)
    {
        if (_before is null)
        {
            RequireNothingElse();
            return;
        }
        if (_before.ModelDigest == digest) return;
        throw DiagnosticCatalog.ForeignTimes.Error(Path.Combine(_folder, ProbeBundle.FileName),
            $"the folder holds the bundle of {_before.Model} (SHA-256 {_before.ModelDigest[..12]}…), not of {model} ({digest[..12]}…). Give another folder with --output, or remove this one.");
    }

    /// <summary>Writes the list, which makes a bundle of the probes, then the runners; removes probes and times that the list no longer has.</summary>
    public void Complete(ProbeBundle bundle)
    {
        var names = bundle.Probes.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        string times = Path.Combine(_folder, TimesFile.FileName);
        if (File.Exists(times))
        {
            var lines = File.ReadAllLines(times);
            string[] old = [.. lines.Where(l => l.Length > 0 && l[0] != '#' && !l.StartsWith("probe,", StringComparison.Ordinal) && !names.Contains(TimesFile.NameOf(l.Split(',')[0].Trim())))];
            if (old.Length > 0)
            {
                File.AppendAllLines(Path.Combine(_folder, KeptFile), old);
                AtomicFile.Write(times, Encoding.UTF8.GetBytes(string.Concat(lines.Except(old).Select(l => l + "\n"))));
            }
        }
        AtomicFile.Write(Path.Combine(_folder, ProbeBundle.FileName), Encoding.UTF8.GetBytes(bundle.ToJson()));
        WriteRunners(_folder);
        foreach (var left in _before?.Probes ?? [])
            if (!names.Contains(left.Name)) File.Delete(Path.Combine(_folder, left.File));
    }

    /// <summary>Writes what times the probes of a folder.</summary>
    public static void WriteRunners(string folder)
    {
        foreach (var (resource, file) in s_runners) AtomicFile.Write(Path.Combine(folder, file), Encoding.UTF8.GetBytes(Text(resource)));
    }

    // Runners have names that a project's own files may have.
    private void RequireNothingElse()
    {
        if (!Directory.Exists(_folder)) return;
        string? other = Directory.EnumerateFileSystemEntries(_folder).Select(e => Path.GetFileName(e)).Order(StringComparer.Ordinal).FirstOrDefault(n => !s_unfinished.Contains(n));
        if (other is null) return;
        throw DiagnosticCatalog.ForeignTimes.Error(_folder,
            $"the folder holds '{other}' and no {ProbeBundle.FileName}: it is no bundle, and what lies in it could be overwritten. Give an empty or new folder with --output.");
    }

    private static string Text(string resource)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Prefix + resource) ?? throw new InvalidOperationException($"the runner {resource} is not part of the engine");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n").Replace(RuntimeVersion, OrtVersion.Text, StringComparison.Ordinal);
    }
}

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
        ("measure.py", "measure.py"), ("measure.sh", "measure.sh"), ("README.txt", "README.md"), ("program.txt", "runner/Program.cs"), ("project.txt", "runner/Runner.csproj"),
    ];

    private readonly string _folder;
    private readonly ProbeBundle? _before;

    public BundleFolder(string folder)
    {
        _folder = folder;
        _before = File.Exists(Path.Combine(folder, ProbeBundle.FileName)) ? ProbeBundle.Read(folder) : null;
    }

    /// <exception cref="HaqException">The folder holds the bundle of another model (HAQ0234).</exception>
    public void RequireFor(string digest, string model)
    {
        if (_before is null || _before.ModelDigest == digest) return;
        throw DiagnosticCatalog.ForeignTimes.Error(Path.Combine(_folder, ProbeBundle.FileName),
            $"the folder holds the bundle of {_before.Model} (SHA-256 {_before.ModelDigest[..12]}…), not of {model} ({digest[..12]}…). Give another folder with --output, or remove this one.");
    }

    /// <summary>Writes the list, last of all, and the runners; removes probes and times that the list no longer has.</summary>
    public void Complete(ProbeBundle bundle)
    {
        foreach (var (resource, file) in s_runners) AtomicFile.Write(Path.Combine(_folder, file), Encoding.UTF8.GetBytes(Text(resource)));
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
        foreach (var left in _before?.Probes ?? [])
            if (!names.Contains(left.Name)) File.Delete(Path.Combine(_folder, left.File));
    }

    private static string Text(string resource)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Prefix + resource) ?? throw new InvalidOperationException($"the runner {resource} is not part of the engine");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n").Replace(RuntimeVersion, OrtVersion.Text, StringComparison.Ordinal);
    }
}

using System.Globalization;
using Haq.Build.Tests.Builds;
using Haq.Engine.Numerics;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Running;

namespace Haq.Build.Reliability;

/// <summary>
/// A random walk of edits and builds over one project: every build is compared, byte for byte, with an undisturbed one of the same content that has neither state nor cache.
/// </summary>
internal sealed class StaleWalk : IDisposable
{
    private const int Variants = 3;
    private static readonly int[] s_widths = [4, 6, 8];
    private static readonly string[] s_inputs = ["tiny.onnx", "images.npy", "haq.yaml"];
    private static readonly DateTime s_past = new(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);

    private readonly SeededRandom _random;
    private readonly TextWriter _log;
    private readonly TrialProject _project = new(ManifestFor(4));
    private readonly string _stock = Directory.CreateTempSubdirectory("haq-stock").FullName;
    private readonly Dictionary<(int Model, int Data, int Bits), byte[]> _clean = [];
    private readonly (string Name, Action Do)[] _edits;
    private int _model, _data, _bits, _aside;

    public StaleWalk(int seed, TextWriter log)
    {
        (_random, _log) = (new SeededRandom((ulong)seed), log);
        for (int variant = 0; variant < Variants; variant++) TinyModel.Write(Path.Combine(_stock, variant.ToString(CultureInfo.InvariantCulture)), variant + 1);
        _edits =
        [
            ("edit the model in place", () => Model(WriteInPlace)), ("swap the model by renaming", () => Model(Swap)), ("link the model", () => Model(Link)),
            ("edit the model and set its time back", () => Model(SetBack)), ("edit the data in place", () => Data(WriteInPlace)), ("swap the data by renaming", () => Data(Swap)),
            ("link the data", () => Data(Link)), ("edit the manifest", Widths), ("comment in the manifest", Comment), ("touch", Touch), ("cut an output short", Cut), ("alter an output", Alter),
            ("delete an output", () => File.Delete(_project.Output)), ("delete the lock file", () =>
                File.Delete(_project["haq.lock.json"])), ("delete the state", () => File.Delete(_project.Request.StateFile)),
            ("prune the cache", () => new StageCache(_project.Cache).Prune(_random.Next(2) == 0 ? 0 : 100_000)), ("remove the cache", RemoveCache), ("damage the cache", DamageCache),
            ("edit while a build runs", EditDuringBuild), ("kill a build", KillBuild),
        ];
    }

    /// <summary>How many builds were compared.</summary>
    public int Builds { get; private set; }

    /// <summary>How many of them started the engine.</summary>
    public int EngineStarts { get; private set; }

    /// <summary>Builds whose output was another than a clean build's, with the steps before.</summary>
    public List<string> Stale { get; } = [];

    /// <summary>How often each edit was made.</summary>
    public SortedDictionary<string, int> Counts { get; } = new(StringComparer.Ordinal);

    /// <summary>Some edits, mostly one, and a build; again and again.</summary>
    public void Run(int steps)
    {
        Compare("the first build");
        for (int step = 1; step <= steps; step++)
        {
            var made = new List<string>();
            do made.Add(Edit());
            while (_random.Next(4) == 0);
            Compare($"step {step}: {string.Join(", ", made)}");
        }
    }

    public void Dispose()
    {
        _project.Dispose();
        Directory.Delete(_stock, recursive: true);
    }

    private string Edit()
    {
        var (name, act) = _edits[_random.Next(_edits.Length)];
        act();
        Counts[name] = Counts.GetValueOrDefault(name) + 1;
        return name;
    }

    private void Compare(string steps)
    {
        if (_project.Build()) EngineStarts++;
        Builds++;
        if (File.ReadAllBytes(_project.Output).AsSpan().SequenceEqual(Clean())) return;
        Stale.Add(steps);
        _log.WriteLine($"STALE after {steps}");
    }

    private byte[] Clean()
    {
        var content = (_model, _data, _bits);
        if (_clean.TryGetValue(content, out byte[]? known)) return known;
        using var fresh = new TrialProject(ManifestFor(s_widths[_bits]));
        File.Copy(Stock(_model, "tiny.onnx"), fresh["tiny.onnx"], overwrite: true);
        File.Copy(Stock(_data, "images.npy"), fresh["images.npy"], overwrite: true);
        fresh.Build();
        return _clean[content] = File.ReadAllBytes(fresh.Output);
    }

    private void Model(Action<string, string> how) => how(_project["tiny.onnx"], Stock(_model = _random.Next(Variants), "tiny.onnx"));

    private void Data(Action<string, string> how) => how(_project["images.npy"], Stock(_data = _random.Next(Variants), "images.npy"));

    private string Stock(int variant, string name) => Path.Combine(_stock, variant.ToString(CultureInfo.InvariantCulture), name);

    // Through a link as well: then it is the target that changes.
    private static void WriteInPlace(string file, string content)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Write);
        stream.SetLength(0);
        stream.Write(File.ReadAllBytes(content));
    }

    private void SetBack(string file, string content)
    {
        var time = File.GetLastWriteTimeUtc(file);
        WriteInPlace(file, content);
        File.SetLastWriteTimeUtc(file, time);
    }

    private void Swap(string file, string content)
    {
        string aside = Aside(content);
        File.SetLastWriteTimeUtc(aside, s_past);
        File.Move(aside, file, overwrite: true);
    }

    private void Link(string file, string content)
    {
        string target = Aside(content);
        File.SetLastWriteTimeUtc(target, s_past);
        File.Delete(file);
        File.CreateSymbolicLink(file, target);
    }

    private string Aside(string content)
    {
        string copy = Path.Combine(_stock, string.Create(CultureInfo.InvariantCulture, $"aside-{_aside++}"));
        File.WriteAllBytes(copy, File.ReadAllBytes(content));
        return copy;
    }

    private void Widths() => File.WriteAllText(_project["haq.yaml"], ManifestFor(s_widths[_bits = _random.Next(s_widths.Length)]));

    private void Comment() => File.AppendAllText(_project["haq.yaml"], "# another word\n");

    private void Touch() => File.SetLastWriteTimeUtc(_project[s_inputs[_random.Next(s_inputs.Length)]], s_past.AddDays(_random.Next(1000)));

    private void Cut()
    {
        if (!File.Exists(_project.Output)) return;
        using var stream = new FileStream(_project.Output, FileMode.Open, FileAccess.Write);
        stream.SetLength(_random.Next((int)stream.Length));
    }

    private void Alter() => Flip(_project.Output);

    private void Flip(string file)
    {
        if (!File.Exists(file) || new FileInfo(file).Length == 0) return;
        byte[] bytes = File.ReadAllBytes(file);
        bytes[_random.Next(bytes.Length)] ^= (byte)(1 << _random.Next(8));
        SetBackTo(file, bytes, File.GetLastWriteTimeUtc(file));
    }

    private static void SetBackTo(string file, byte[] bytes, DateTime time)
    {
        File.WriteAllBytes(file, bytes);
        File.SetLastWriteTimeUtc(file, time);
    }

    private void RemoveCache()
    {
        if (Directory.Exists(_project.Cache)) Directory.Delete(_project.Cache, recursive: true);
    }

    private void DamageCache()
    {
        string[] files = Directory.Exists(_project.Cache) ? [.. Directory.EnumerateFiles(_project.Cache, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)] : [];
        if (files.Length > 0) Flip(files[_random.Next(files.Length)]);
    }

    private void EditDuringBuild()
    {
        int moment = _random.Next(12), seen = 0;
        _project.Build(_ =>
        {
            if (seen++ != moment) return;
            if (_random.Next(2) == 0) Model(WriteInPlace);
            else Data(Swap);
        });
    }

    private void KillBuild() => EngineProcess.Run(_project.Request, killAfter: TimeSpan.FromMilliseconds(_random.Next(1500)));

    private static string ManifestFor(int weights) => string.Create(CultureInfo.InvariantCulture, $"{TinyModel.Manifest.Replace("weights: 4", $"weights: {weights}", StringComparison.Ordinal)}");
}

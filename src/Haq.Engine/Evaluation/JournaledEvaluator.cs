using System.Text.Json;
using System.Text.Json.Serialization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Evaluation.Distributed;
using Haq.Engine.Layers;

namespace Haq.Engine.Evaluation;

/// <summary>
/// Makes scores durable, each before the next policy is looked at unless its owner holds lines back: one line of JSON per policy, flushed to the disk. A search that was killed and starts
/// again finds its scores here, takes the same decisions in no time, and goes on where it stopped. A torn or damaged end of the file is cut off. One caller at a time.
/// </summary>
public sealed class JournaledEvaluator : IForesightedEvaluator, IDisposable
{
    private static readonly JsonSerializerOptions s_json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private readonly IPolicyEvaluator _inner;
    private readonly FileStream _file;
    private readonly Func<bool, bool>? _mayWrite;
    private readonly MemoryStream _waiting = new();
    private readonly Dictionary<string, PolicyScore> _scores = [];
    private readonly Dictionary<(string Policy, string Rival), PolicyScore> _races = [];

    /// <summary>
    /// Continues the journal at <paramref name="path"/>, or begins it. <paramref name="subject"/> identifies everything that scores depend on (model, data, settings);
    /// a journal about something else is started anew.
    /// </summary>
    /// <param name="inner">Measures.</param>
    /// <param name="path">The file.</param>
    /// <param name="subject">What scores depend on besides the policy.</param>
    /// <param name="mayWrite">
    /// Asked before scores are written, with true when the journal closes: false lets them wait for the next ones, and what still waits at the end is lost. It throws where scores must not be
    /// kept; they are given out all the same until it was asked. Null writes each at once.
    /// </param>
    /// <exception cref="IOException">The file cannot be opened for writing, for example because another search uses it.</exception>
    /// <exception cref="UnauthorizedAccessException">The file cannot be opened for writing.</exception>
    public JournaledEvaluator(IPolicyEvaluator inner, string path, string subject, Func<bool, bool>? mayWrite = null)
    {
        (_inner, _mayWrite) = (inner, mayWrite);
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            long sound = Read(subject);
            _file.SetLength(sound);
            _file.Position = sound;
            if (sound > 0) return;
            Put(new Header(subject));
            WriteDown();
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public PolicyScore Float => _inner.Float;

    /// <summary>How many policies' scores were found in the journal or added to it.</summary>
    public int Known => _scores.Count;

    /// <inheritdoc/>
    public PolicyScore Evaluate(Policy policy, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(policy);
        string digest = policy.Digest;
        if (_scores.TryGetValue(digest, out var known)) return known;
        var score = _inner.Evaluate(policy, cancellation);
        Append(new Entry(digest, policy.ToString(), score));
        _scores.Add(digest, score);
        return score;
    }

    /// <inheritdoc/>
    public PolicyScore Evaluate(Policy policy, Policy rival, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(rival);
        if (_inner is not IRacingEvaluator racing) return Evaluate(policy, cancellation);
        var key = (policy.Digest, rival.Digest);
        if (_races.TryGetValue(key, out var known)) return known;
        var score = racing.Evaluate(policy, rival, cancellation);
        var entry = new Entry(key.Item1, policy.ToString(), score) { Rival = key.Item2 };
        Append(entry);
        Keep(entry);
        return score;
    }

    /// <inheritdoc/>
    public bool HasForesight => _inner is IForesightedEvaluator { HasForesight: true };

    /// <inheritdoc/>
    /// <remarks>What is announced is written when it is asked for, so that a journal has the same lines in the same order whoever measures.</remarks>
    public void Announce(IReadOnlyList<EvaluationRequest> requests)
    {
        if (_inner is IForesightedEvaluator foresighted)
            foresighted.Announce([.. requests.Where(r => r.Rival is { } rival ? !_races.ContainsKey((r.Policy.Digest, rival.Digest)) : !_scores.ContainsKey(r.Policy.Digest))]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            if (_waiting.Length > 0 && _mayWrite?.Invoke(true) == true) WriteDown();
        }
        catch (HaqException e) when (e.Diagnostic.Descriptor == DiagnosticCatalog.InputChanged)
        {
            // Whoever keeps what came of these scores hears of it by asking himself.
            return;
        }
        finally
        {
            _file.Dispose();
            _waiting.Dispose();
        }
    }

    private void Append(Entry entry)
    {
        Put(entry);
        if (_mayWrite?.Invoke(false) != false) WriteDown();
    }

    private void Put<T>(T line)
    {
        JsonSerializer.Serialize(_waiting, line, s_json);
        _waiting.WriteByte((byte)'\n');
    }

    private void WriteDown()
    {
        _waiting.WriteTo(_file);
        _waiting.SetLength(0);
        _file.Flush(flushToDisk: true);
    }

    // Reads what is sound; returns its length in bytes.
    private long Read(string subject)
    {
        byte[] content = new byte[_file.Length];
        _file.ReadExactly(content);
        int sound = 0;
        while (Array.IndexOf(content, (byte)'\n', sound) is var end && end >= 0)
        {
            var line = content.AsSpan(sound, end - sound);
            try
            {
                if (sound == 0)
                {
                    if (JsonSerializer.Deserialize<Header>(line, s_json)?.Subject != subject) return 0;
                }
                else if (JsonSerializer.Deserialize<Entry>(line, s_json) is { Policy: not null, Score: not null } entry)
                {
                    Keep(entry);
                }
                else
                {
                    return sound;
                }
            }
            catch (JsonException)
            {
                return sound;
            }
            sound = end + 1;
        }
        return sound;
    }

    // A race counts for its own rival alone, as where it ends depends on it; what it measured to the end is known in general.
    private void Keep(Entry entry)
    {
        if (entry.Rival is { } rival) _races[(entry.Policy, rival)] = entry.Score;
        if (!entry.Score.StoppedEarly) _scores[entry.Policy] = entry.Score;
    }

    private sealed record Header(string Subject);

    private sealed record Entry(string Policy, string Bits, PolicyScore Score)
    {
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Rival { get; init; }
    }
}

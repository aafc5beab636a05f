using System.Diagnostics;
using System.Globalization;
using Haq.Engine.Diagnostics;
using Haq.Engine.Numerics;

namespace Haq.Engine.Tests.Fuzz;

/// <summary>
/// Feeds damaged inputs to a reader. An input that makes it answer in a way that it never did (another diagnostic, another way of being accepted)
/// joins those that are damaged further: a poor man's coverage,
/// which needs nothing but the reader. Of an instrumented engine, an input that takes another branch joins them too.
/// </summary>
internal sealed class FuzzRun(FuzzTarget target, ulong seed, IEdgeCoverage? coverage = null)
{
    private const int MostBytes = 1 << 16;

    /// <summary>What a reader may allocate for an input: four times it, and 200 MB.</summary>
    private const long Allowance = 200L << 20;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly List<byte[]> _inputs = [.. target.Seeds];
    private readonly SeededRandom _random = new SeededRandom(seed).Fork(target.Name);
    private int _edges;
    private readonly HashSet<string> _answers = new(StringComparer.Ordinal);

    /// <summary>Different answers so far.</summary>
    public int Answers => _answers.Count;

    /// <summary>Executions so far.</summary>
    public long Executions { get; private set; }

    /// <summary>The execution after which the last new answer came.</summary>
    public long LastNew { get; private set; }

    /// <summary>The execution that took a pair of branches for the first time, the last of them: after it there were only other counts of known ones.</summary>
    public long LastBranch { get; private set; }

    /// <summary>The inputs that answers came first with, seeds not among them.</summary>
    public IEnumerable<byte[]> Found => _inputs.Skip(target.Seeds.Count);

    /// <summary>Takes in what an earlier run found.</summary>
    public void Add(IEnumerable<byte[]> corpus) => _inputs.AddRange(corpus);

    /// <summary>The fewest inputs, short ones first, that answer and branch in as many ways; seeds not among them.</summary>
    public IReadOnlyList<byte[]> Minimized()
    {
        coverage?.Forget();
        _answers.Clear();
        foreach (byte[] seed in target.Seeds) Execute(seed);
        return [.. Found.OrderBy(i => i.Length).Where(Execute)];
    }

    /// <summary>Reads every input as it is, then damaged ones until there were <paramref name="executions"/>; called again, it goes on.</summary>
    /// <exception cref="InvalidOperationException">The reader failed, took too long, or took too much memory; the message holds the input.</exception>
    public void Run(long executions)
    {
        if (Executions == 0) foreach (byte[] input in _inputs.ToArray()) Execute(input);
        while (Executions < executions)
        {
            byte[] input = _inputs[_random.Next(_inputs.Count)], other = _inputs[_random.Next(_inputs.Count)];
            byte[] damaged = Mutator.Damage(input, other, _random, MostBytes);
            if (Execute(damaged)) _inputs.Add(damaged);
        }
    }

    private bool Execute(byte[] input)
    {
        Executions++;
        coverage?.Clear();
        long before = GC.GetAllocatedBytesForCurrentThread();
        var (answer, elapsed) = Timed(input);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        // A machine that was busy or asleep is not so twice.
        if (elapsed > s_patience && Timed(input).Elapsed is var again && again > s_patience) throw Fault(input, $"took {again.TotalSeconds:F0} s");
        if (allocated > Allowance + 4L * input.Length) throw Fault(input, $"allocated {allocated >> 20} MB");
        bool isNew = coverage?.IsNew() == true;
        if (!_answers.Add(answer) && !isNew) return false;
        LastNew = Executions;
        if (coverage is not null && coverage.Edges > _edges) (_edges, LastBranch) = (coverage.Edges, Executions);
        return true;
    }

    private (string Answer, TimeSpan Elapsed) Timed(byte[] input)
    {
        long start = Stopwatch.GetTimestamp();
        return (AnswerTo(input), Stopwatch.GetElapsedTime(start));
    }

    private string AnswerTo(byte[] input)
    {
        try
        {
            target.Read(input);
            return "accepted";
        }
        catch (HaqException e)
        {
            string line = e.Diagnostic.ToString();
            if (line.AsSpan().ContainsAnyInRange('\0', '\x1f')) throw Fault(input, "put a control character into a message");
            return $"{e.Diagnostic.Descriptor.Code} {PlaceOf(e)}";
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            return $"{e.GetType().Name} {PlaceOf(e)}";
        }
        catch (Exception e) when (e is not InvalidOperationException { Source: nameof(FuzzRun) })
        {
            throw Fault(input, e.ToString());
        }
    }

    private InvalidOperationException Fault(byte[] input, string what) => new(string.Create(CultureInfo.InvariantCulture,
        $"{target.Name}, execution {Executions}: {what}\n{Convert.ToBase64String(input)}")) { Source = nameof(FuzzRun) };

    // The method that refused, and the two that asked it to.
    private static string PlaceOf(Exception e) => string.Join('|', new StackTrace(e, fNeedFileInfo: false).GetFrames().Take(3).Select(f => f.GetMethod()?.ToString()));
}

using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Haq.Engine.Diagnostics;
using Haq.Engine.Runtime;

namespace Haq.Engine.Pipeline.Running;

/// <summary>Runs stages: the one place that knows of keys, the cache, locks, clocks, progress and warnings. For one caller at a time.</summary>
internal sealed class StageRunner : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(3);

    private readonly StageCache _cache;
    private readonly Action _requireUnchanged;
    private readonly IProgress<PipelineProgress>? _progress;
    private readonly StageClock _clock = new();
    private readonly Stopwatch _sinceStart = Stopwatch.StartNew();
    private readonly List<Diagnostic> _warnings = [];
    private readonly List<IDisposable> _open = [];
    private readonly HashSet<StageKey> _passing = [];
    private TimeSpan _tidied;

    /// <param name="cache">Where results are kept.</param>
    /// <param name="requireUnchanged">Throws where an input is no longer what it was when it was read: nothing that was made from it may be kept.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <param name="cancellation">Ends whatever is under way.</param>
    public StageRunner(StageCache cache, Action requireUnchanged, IProgress<PipelineProgress>? progress, CancellationToken cancellation) =>
        (_cache, _requireUnchanged, _progress, Cancellation) = (cache.ForRun(requireUnchanged), requireUnchanged, progress, cancellation);

    /// <summary>Ends whatever is under way.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>Since the run began.</summary>
    public TimeSpan Elapsed => _sinceStart.Elapsed;

    /// <summary>Warnings so far, each once, in the order they were given.</summary>
    public IReadOnlyList<Diagnostic> Warnings => _warnings;

    /// <summary>How long each stage took so far, by itself.</summary>
    public IReadOnlyList<StageTime> Times => _clock.Times;

    /// <summary>What <paramref name="stage"/> will make of the inputs, which are gathered when they are needed.</summary>
    public Handle<T> Add<TInputs, T>(Stage<TInputs, T> stage, Func<TInputs> gather) where TInputs : class => new StageHandle<TInputs, T>(this, stage, gather);

    /// <summary>Content that depends on <paramref name="subject"/> alone, a record as of a stage's inputs.</summary>
    public static Handle<T> Given<T>(string name, Func<object> subject, Func<T> open) => new GivenHandle<T>(() => RecordDigest.Of(name, 1, subject()), open);

    /// <summary>Adds a warning unless it was given already.</summary>
    public void Warn(Diagnostic warning)
    {
        if (!_warnings.Contains(warning)) _warnings.Add(warning);
    }

    /// <summary>Tells whoever watches.</summary>
    public void Report(string stage, string message, double? fraction = null, TimeSpan? remaining = null) =>
        _progress?.Report(new PipelineProgress(stage, message, fraction, remaining));

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = _open.Count - 1; i >= 0; i--) _open[i].Dispose();
        _open.Clear();
        _cache.Release();
        foreach (var key in _passing) _cache.Remove(key);
    }

    internal T Run<TInputs, T>(Stage<TInputs, T> stage, TInputs inputs, IKeyed result) where TInputs : class
    {
        using var turn = _clock.Start(stage.Name);
        var made = Own(stage is CachedStage<TInputs, T> cached ? RunCached(cached, inputs, result, turn) : stage.Run(inputs, new StageScope(this, stage.Name, result, folder: null)));
        Tidy(turn);
        return made;
    }

    internal bool TryRead<TInputs, T>(CachedStage<TInputs, T> stage, TInputs inputs, StageKey key, [MaybeNullWhen(false)] out T value) where TInputs : class
    {
        value = default;
        using var turn = _clock.Start(stage.Name);
        if (!stage.IsForAll(inputs)) _cache.KeepHere(key);
        if (_cache.Find(key, Cancellation) is not { } entry) return false;
        turn.IsCached = true;
        try
        {
            value = Own(stage.Read(inputs, entry));
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException && _cache.IsFetched(key))
        {
            // A stranger's entry that is whole and makes no sense is as good as none.
            _cache.Refuse(key);
            turn.IsCached = false;
            return false;
        }
    }

    internal void Keep<TInputs, T>(CachedStage<TInputs, T> stage, TInputs inputs, T content, StageKey key) where TInputs : class
    {
        if (!stage.IsForAll(inputs)) _cache.KeepHere(key);
        Entry(key, folder => stage.Write(content, folder));
    }

    internal void KeepForThisRun(StageKey key) => _passing.Add(key);

    internal void RequireUnchanged() => _requireUnchanged();

    internal void Close(IDisposable content)
    {
        if (_open.Remove(content)) content.Dispose();
    }

    internal WorkFolder HoldWork(StageKey key)
    {
        var guard = _cache.Lock(key, Wait, Cancellation);
        try
        {
            return new WorkFolder(_cache.WorkFolder(key), guard);
        }
        catch
        {
            guard.Dispose();
            throw;
        }
    }

    internal (StageKey Key, string Folder)? Journal(StageKey key)
    {
        string folder = Path.Combine(_cache.Root, key.Stage, key.Digest);
        try
        {
            Directory.CreateDirectory(folder);
            return (key, folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What is measured is not kept then; nothing else changes.
            return null;
        }
    }

    private T RunCached<TInputs, T>(CachedStage<TInputs, T> stage, TInputs inputs, IKeyed result, StageClock.Turn turn) where TInputs : class
    {
        if (!stage.IsForAll(inputs)) _cache.KeepHere(result.Key);
        try
        {
            return stage.Read(inputs, Made());
        }
        catch (Exception e) when (e is not OperationCanceledException && _cache.IsFetched(result.Key))
        {
            // A stranger's entry that is whole and makes no sense is as good as none.
            if (_cache.Refuse(result.Key)) return stage.Read(inputs, Made());
        }
        // Somebody else uses that entry: this run makes one for itself.
        var aside = new AsideFolder();
        _open.Add(aside);
        Make(aside.Path);
        return stage.Read(inputs, aside.Path);

        string Made()
        {
            turn.IsCached = true;
            return Entry(result.Key, Make);
        }

        void Make(string folder)
        {
            turn.IsCached = false;
            stage.Write(stage.Run(inputs, new StageScope(this, stage.Name, result, folder)), folder);
        }
    }

    // What a stage left behind would stand beside all that the next one needs; a collection stops every thread for tens of milliseconds.
    private void Tidy(StageClock.Turn turn)
    {
        if (turn.IsCached) return;
        if (_sinceStart.Elapsed - _tidied < s_pause)
        {
            NativeRoom.Bound();
            return;
        }
        NativeRoom.Tidy();
        _tidied = _sinceStart.Elapsed;
    }

    private T Own<T>(T made)
    {
        if (made is IDisposable disposable) _open.Add(disposable);
        return made;
    }

    private string Entry(StageKey key, Action<string> produce)
    {
        bool isMade = false;
        string entry = _cache.GetOrCreate(key, Produce, Wait, Cancellation);
        if (isMade && !_passing.Contains(key)) _cache.Offer(key);
        return entry;

        void Produce(string folder)
        {
            produce(folder);
            isMade = true;
        }
    }

    private void Wait() => Report("wait", "waiting for another build of the same model");
}

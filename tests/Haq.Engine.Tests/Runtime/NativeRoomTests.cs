using System.Runtime.CompilerServices;
using Haq.Engine.Runtime;

namespace Haq.Engine.Tests.Runtime;

public sealed class NativeRoomTests
{
    private const int Piece = 16 << 20;

    [Fact]
    public void Large_arrays_that_were_left_behind_do_not_pile_up()
    {
        NativeRoom.Bound();
        long before = GC.GetTotalMemory(forceFullCollection: false);
        var left = new List<WeakReference>();
        // Other tests hold something meanwhile; garbage may reach an eighth of all that.
        for (long bytes = 0; bytes < before + (512L << 20); bytes += Piece)
        {
            left.Add(LeaveBehind());
            NativeRoom.Bound();
        }
        int piledUp = left.Count(piece => piece.IsAlive);
        Assert.True(piledUp <= left.Count / 2, $"{piledUp} of {left.Count} are still there");
    }

    [Fact]
    public void What_is_in_use_stays_and_is_not_collected_for_over_and_over()
    {
        byte[][] kept = [.. Enumerable.Range(0, 16).Select(i => new byte[Piece])];
        for (int i = 0; i < kept.Length; i++) kept[i][^1] = (byte)(i + 1);
        NativeRoom.Bound();
        int collections = GC.CollectionCount(GC.MaxGeneration);
        for (int i = 0; i < 1000; i++) NativeRoom.Bound();
        // Tests beside this one may have it collected a few times, not a thousand.
        Assert.InRange(GC.CollectionCount(GC.MaxGeneration) - collections, 0, 500);
        Assert.All(kept, piece => Assert.Equal(Array.IndexOf(kept, piece) + 1, piece[^1]));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference LeaveBehind() => new(new byte[Piece]);
}

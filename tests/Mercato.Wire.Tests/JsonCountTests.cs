using System.Globalization;
using System.Text;
using CsCheck;

namespace Mercato.Wire.Tests;

public sealed class JsonCountTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0", 0)]
    [InlineData("-0.0", 0)]
    [InlineData("0e999999999999", 0)]
    [InlineData("1", 1)]
    [InlineData("10.0", 10)]
    [InlineData("1e1", 10)]
    [InlineData("1.5e1", 15)]
    [InlineData("12.50e2", 1250)]
    [InlineData("100e-2", 1)]
    [InlineData("0.0001e5", 10)]
    [InlineData("2147483647", 2147483647)]
    [InlineData("2147483647.000", 2147483647)]
    public void WholeNumber_isReadHoweverItIsSpelled(string number, long expected)
    {
        JsonCount.Read(Encoding.ASCII.GetBytes(number), out var value).ShouldBe(CountShape.Whole);
        value.ShouldBe(expected);
    }

    [Theory]
    [InlineData("-1", CountShape.Negative)]
    [InlineData("-1e400", CountShape.Negative)]
    [InlineData("1.5", CountShape.Fraction)]
    [InlineData("1e-1", CountShape.Fraction)]
    [InlineData("1.00000000000000000000000000000000000000001", CountShape.Fraction)]
    [InlineData("2147483648", CountShape.Huge)]
    [InlineData("9007199254740992", CountShape.Huge)]
    [InlineData("9007199254740993", CountShape.Huge)]
    [InlineData("9223372036854775807", CountShape.Huge)]
    [InlineData("9223372036854775808", CountShape.Huge)]
    [InlineData("18446744073709551615", CountShape.Huge)]
    [InlineData("1e309", CountShape.Huge)]
    [InlineData("1e99999999999999999999", CountShape.Huge)]
    [InlineData("", CountShape.NotNumber)]
    [InlineData("-", CountShape.NotNumber)]
    [InlineData("NaN", CountShape.NotNumber)]
    [InlineData("Infinity", CountShape.NotNumber)]
    [InlineData("\"12\"", CountShape.NotNumber)]
    [InlineData("1e", CountShape.NotNumber)]
    [InlineData("1.2.3", CountShape.NotNumber)]
    public void AnythingElse_isNamedAndReadsAsZero(string number, CountShape expected)
    {
        JsonCount.Read(Encoding.ASCII.GetBytes(number), out var value).ShouldBe(expected);
        value.ShouldBe(0);
    }

    [Fact]
    public void AnyDecimal_readsAsItsExactPico()
    {
        Gen.Select(Gen.Long[0, 999_999_999_999], Gen.Int[0, 12]).Sample((digits, scale) =>
        {
            var amount = new decimal((int)(digits & 0x7FFFFFFF), (int)(digits >> 31), 0, false, (byte)scale);
            if (amount >= 100_000)
            {
                return;
            }

            var text = Encoding.ASCII.GetBytes(amount.ToString(CultureInfo.InvariantCulture));
            JsonAmount.TryReadPico(text, out var pico).ShouldBeTrue();
            pico.ShouldBe((long)(amount * 1_000_000_000_000m));
        }, iter: 2_000);
    }

    [Theory]
    [InlineData("0.00014175", 141_750_000)]
    [InlineData("1.4175e-4", 141_750_000)]
    [InlineData("0.00014174999999999998", 141_750_000)]
    [InlineData("1e-13", 1)]
    [InlineData("1e-40", 1)]
    [InlineData("0.005", 5_000_000_000)]
    [InlineData("12", 12_000_000_000_000)]
    public void Amount_isExactAndRoundsUpBeyondPico(string number, long expected)
    {
        JsonAmount.TryReadPico(Encoding.ASCII.GetBytes(number), out var pico).ShouldBeTrue();
        pico.ShouldBe(expected);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1000000")]
    [InlineData("1e309")]
    [InlineData("NaN")]
    public void AmountOutOfRange_isNotRead(string number)
    {
        JsonAmount.TryReadPico(Encoding.ASCII.GetBytes(number), out _).ShouldBeFalse();
    }
}

using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Mercato.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class KeptResponses : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "kept_items",
                columns: table => new
                {
                    account_id = table.Column<string>(type: "TEXT", nullable: false),
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    response_id = table.Column<string>(type: "TEXT", nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_kept_items", x => new { x.account_id, x.id });
                });

            migrationBuilder.CreateTable(
                name: "kept_responses",
                columns: table => new
                {
                    account_id = table.Column<string>(type: "TEXT", nullable: false),
                    id = table.Column<string>(type: "TEXT", nullable: false),
                    sealed_items = table.Column<byte[]>(type: "BLOB", nullable: false),
                    expires_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_kept_responses", x => new { x.account_id, x.id });
                });

            migrationBuilder.CreateIndex(
                name: "ix_kept_items_expires_at",
                table: "kept_items",
                column: "expires_at");

            migrationBuilder.CreateIndex(
                name: "ix_kept_responses_expires_at",
                table: "kept_responses",
                column: "expires_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "kept_items");

            migrationBuilder.DropTable(
                name: "kept_responses");
        }
    }
}
